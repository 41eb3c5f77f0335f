// The frame: tells the page around it whether there is something to see, and looks for news.
(function () {
'use strict';
var data = document.body.dataset;
if (data.ground) document.body.style.background = data.ground;
if (data.ink) document.body.style.color = data.ink;
function tell(action, about) {
  if (parent !== window) parent.postMessage({ action: action, about: about }, '*');
}
var button = document.querySelector('button');
if (button) {
  button.addEventListener('click', function () { tell('dismissFrame', data.about); });
  if (data.about) tell('showFrame', data.about); else tell('dismissFrame');
}
setInterval(function () {
  if (document.hidden) return;
  fetch('/api/v2/status.json').then(function (answer) { return answer.json(); }).then(function (now) {
    if (now.status.indicator + now.page.updated_at !== data.version) location.reload();
  }).catch(function () {});
}, 60000);
})();
