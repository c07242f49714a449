/* Once the page stands, fetches the script that data-later on <body> names; it finds here what it was too late for. Where
the network went before that, it comes when the network does. */

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault(); // no pop-up of the browser's over the page
  globalThis.installOffer = event;
});

function fetchLater() {
  import(document.body.dataset.later).catch((error) => {
    if (navigator.onLine) throw error;
    addEventListener("online", fetchLater, { once: true });
  });
}

setTimeout(fetchLater, 1500);
