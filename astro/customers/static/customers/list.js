// Ticking a whole page of the list, and how many are ticked. Without this, boxes are ticked one by one.

const boxes = () => [...document.querySelectorAll('input[form="tagging"][name="customer"]')];

function show() {
  const page = document.querySelector('[data-tick-page]');
  const told = document.querySelector('[data-ticked]');
  if (!page || !told) return;
  const all = boxes();
  const ticked = all.filter((box) => box.checked).length;
  page.hidden = told.hidden = false;
  page.firstElementChild.checked = ticked > 0 && ticked === all.length;
  page.firstElementChild.indeterminate = ticked > 0 && ticked < all.length;
  const words = ticked === 0 ? 'none' : ticked === 1 ? 'one' : 'many';
  told.textContent = told.dataset[words].replace('%s', String(ticked));
}

document.addEventListener('change', (event) => {
  if (event.target.closest('[data-tick-page]')) for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.closest('[data-tick-page]') || event.target.form?.id === 'tagging') show();
});
document.addEventListener('htmx:afterSettle', show);
document.addEventListener('click', (event) => {
  for (const open of document.querySelectorAll('.drop-down[open]')) if (!open.contains(event.target)) open.open = false;
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const open of document.querySelectorAll('.drop-down[open]')) {
    open.open = false;
    open.firstElementChild.focus();
  }
});
show();
