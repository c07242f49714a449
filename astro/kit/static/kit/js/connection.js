/* Shows what is meant for being online or offline: data-when-online, data-when-offline. */

function tell() {
  for (const element of document.querySelectorAll("[data-when-online]")) element.hidden = !navigator.onLine;
  for (const element of document.querySelectorAll("[data-when-offline]")) element.hidden = navigator.onLine;
}

addEventListener("online", tell);
addEventListener("offline", tell);
tell();
