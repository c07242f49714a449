/* What scripts say, in the page's language. The page brings its sentences along:

    <template id="till-words"><p data-word="added">{name} added.</p> <i data-icon="check"><svg…></i> … </template> */

export class Words {
  constructor(template) {
    this.content = template.content;
    this.plural = new Intl.PluralRules(document.documentElement.lang || "en");
  }

  /** The sentence of this name with its {places} filled. */
  say(name, values = {}) {
    const sentence = this.content.querySelector(`[data-word="${name}"]`).textContent;
    return sentence.replace(/\{(\w+)\}/g, (place, key) => values[key] ?? place);
  }

  /** The same where the number decides the form: `<name>-one`, `<name>-other`. */
  count(name, count, values = {}) {
    const form = this.plural.select(count) === "one" ? "one" : "other";
    return this.say(`${name}-${form}`, { count, ...values });
  }

  icon(name) {
    return this.content.querySelector(`[data-icon="${name}"] svg`).cloneNode(true);
  }
}
