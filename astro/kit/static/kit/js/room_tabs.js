/* On a narrow screen the tabs of a room go past the edge: the one that is open is brought into view. */

const tabs = document.querySelector("nav.tabs");
const open = tabs?.querySelector('[aria-current="page"]');
if (open) tabs.scrollLeft = open.offsetLeft + open.offsetWidth / 2 - tabs.clientWidth / 2 - tabs.offsetLeft;
