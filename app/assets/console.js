// The console without a wait: what is typed is previewed as it is typed, and nothing typed is lost by
// a click that leads away. Everything works without this.

// The page's times where the reader is, if that is elsewhere.
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const shown = (at, timeZone) => new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at);
const ownTimes = (within) => {
  for (const place of within.querySelectorAll('[data-own]')) {
    const at = new Date(place.dataset.own);
    const text = shown(at, here);
    if ([place.dataset.zone, 'UTC'].every((zone) => shown(at, zone) !== text)) place.textContent = `${text} where you are`;
  }
};
ownTimes(document);

for (const form of document.querySelectorAll('form[data-preview]')) {
  const place = document.getElementById(form.dataset.preview);
  let timer, running, sent = false;

  const preview = async () => {
    // What can't be put in its place stands in a frame, by a button of the form that leads there.
    if (form.dataset.frame) form.requestSubmit(document.getElementById(form.dataset.frame));
    running?.abort();
    running = new AbortController();
    const fields = new URLSearchParams(new FormData(form));
    fields.set('do', 'fragment');
    try {
      const answer = await fetch(form.action, { method: 'POST', body: fields, signal: running.signal, redirect: 'error' });
      if (!answer.ok) return;
      const parsed = new DOMParser().parseFromString(await answer.text(), 'text/html');
      place.replaceChildren(...parsed.body.childNodes);
      ownTimes(place);
    } catch {
      // A preview that does not come is not missed; what is sent is checked anyway.
    }
  };

  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(preview, 400);
  });
  form.addEventListener('submit', ({ submitter }) => {
    if (submitter?.formTarget) return;
    sent = true;
    clearTimeout(timer);
    running?.abort();
  });
  const begun = new URLSearchParams(new FormData(form)).toString();
  addEventListener('beforeunload', (event) => {
    if (!sent && new URLSearchParams(new FormData(form)).toString() !== begun) event.preventDefault();
  });
}

// What others say of an incident is here as soon as it is there; what is typed stays, and is posted
// on top of theirs only once it was read.
const live = document.querySelector('[data-live]');
if (live) {
  const note = document.getElementById('others');
  let asking = false;
  const look = async () => {
    if (asking || document.hidden) return;
    asking = true;
    try {
      const answer = await fetch(location.pathname, { headers: { 'x-pharos-live': '1' }, redirect: 'error' });
      const fresh = new DOMParser().parseFromString(answer.ok ? await answer.text() : '', 'text/html');
      const said = fresh.querySelector('[data-live]');
      if (!said || said.dataset.live === live.dataset.live) return;
      live.dataset.live = said.dataset.live;
      // Whoever corrects something there just now goes on with it.
      if (!live.querySelector('details[open]')) live.replaceChildren(...said.childNodes);
      document.getElementById('state').replaceWith(fresh.getElementById('state'));
      note.hidden = false;
    } catch {
      // It is asked for again; what is posted is checked anyway.
    } finally {
      asking = false;
    }
  };
  note.querySelector('button').addEventListener('click', () => {
    for (const version of document.querySelectorAll('input[name=version]')) version.value = live.dataset.live;
    note.hidden = true;
  });
  new EventSource('/events').addEventListener('revision', look);
  setInterval(look, 15e3);
}

// What is to be put elsewhere is copied by a button.
for (const code of document.querySelectorAll('[data-copy]')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'small';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = 'Copied';
  });
  code.after(button);
}

// The search is a key away.
addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('input, textarea, select')) return;
  const search = document.querySelector('input[type=search]');
  if (search) {
    event.preventDefault();
    search.focus();
  }
});

// Passkeys: the device is asked, and its answer is sent as a form. Where there are none, nothing is offered.
const passkeys = globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON ? globalThis.PublicKeyCredential : null;
for (const form of passkeys ? document.querySelectorAll('form[data-passkey]') : []) {
  const { passkey: how, ask, at } = form.dataset;
  // They are for one address alone.
  if (at !== location.origin) continue;
  const wrong = form.querySelector('.wrong');
  form.hidden = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    wrong.hidden = true;
    try {
      const answer = await fetch(ask, { method: 'POST', body: new URLSearchParams(new FormData(form)), redirect: 'error' });
      // The password is asked for first: the form goes on from there.
      if (answer.status === 403 && how === 'create') return form.submit();
      if (!answer.ok) throw new Error('Reload this page, and try again.');
      const { options, state } = await answer.json();
      const publicKey = how === 'get' ? passkeys.parseRequestOptionsFromJSON(options) : passkeys.parseCreationOptionsFromJSON(options);
      const credential = await navigator.credentials[how]({ publicKey });
      form.elements.state.value = state;
      form.elements.credential.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch (error) {
      wrong.textContent = error.name === 'InvalidStateError' ? 'This device has a passkey already.'
        : error.name === 'NotAllowedError' ? 'The device was not asked, or did not answer.' : error.message;
      wrong.hidden = false;
    }
  });
}
