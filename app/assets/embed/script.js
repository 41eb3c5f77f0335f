// The embed for other sites: a frame that comes into view while something is wrong. It is one function,
// which is called with what the page says of itself: its origin, where the frame is, and in which corner.
function (embed) {
'use strict';
// Included twice, it is still one frame.
if (window.pharosEmbed) return;
window.pharosEmbed = true;
var narrow = window.innerWidth < 450;
var corner = embed.position.split('-');
var frame = document.createElement('iframe');
frame.title = embed.title;
frame.setAttribute('sandbox', 'allow-scripts allow-popups allow-popups-to-escape-sandbox');
frame.src = embed.origin + '/embed/frame' + (narrow ? '?mobile=true' : '');
var looks = {
  position: 'fixed',
  zIndex: '2147483000',
  border: '0',
  width: narrow ? '100vw' : '320px',
  height: '115px',
  borderRadius: narrow ? '0' : '8px',
  boxShadow: '0 10px 30px rgba(0,0,0,.3)',
  colorScheme: 'normal'
};
for (var name in looks) frame.style[name] = looks[name];
frame.style[corner[0]] = narrow ? '0' : '40px';
function show(shown) {
  frame.style[corner[1]] = shown ? (narrow ? '0' : '40px') : '-9999px';
  frame.style.visibility = shown ? 'visible' : 'hidden';
}
show(false);
// What was closed stays closed until something else is wrong, where the browser lets us remember.
function dismissed(about) {
  try {
    if (about) sessionStorage.setItem('pharos-embed', about);
    return sessionStorage.getItem('pharos-embed');
  } catch (refused) {
    return null;
  }
}
window.addEventListener('message', function (event) {
  // A sandboxed frame has no origin, which is told as the word null.
  if (event.source !== frame.contentWindow || (event.origin !== 'null' && event.origin !== embed.origin)) return;
  var message = event.data || {};
  if (message.action === 'showFrame') {
    show(!message.about || dismissed() !== message.about);
  } else if (message.action === 'dismissFrame') {
    if (typeof message.about === 'string') dismissed(message.about);
    show(false);
  }
});
function add() { document.body.appendChild(frame); }
if (document.body) add(); else document.addEventListener('DOMContentLoaded', add);
}
