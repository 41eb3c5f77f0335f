// The console without a wait: what is typed is previewed as it is typed, and nothing typed is lost by
// a click that leads away. Everything works without this.

for (const form of document.querySelectorAll('form[data-preview]')) {
  const place = document.getElementById(form.dataset.preview);
  let timer, running, sent = false;

  const preview = async () => {
    running?.abort();
    running = new AbortController();
    const fields = new URLSearchParams(new FormData(form));
    fields.set('do', 'fragment');
    try {
      const answer = await fetch(form.action, { method: 'POST', body: fields, signal: running.signal, redirect: 'error' });
      if (!answer.ok) return;
      const parsed = new DOMParser().parseFromString(await answer.text(), 'text/html');
      place.replaceChildren(...parsed.body.childNodes);
    } catch {
      // A preview that does not come is not missed; what is sent is checked anyway.
    }
  };

  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(preview, 400);
  });
  form.addEventListener('submit', () => {
    sent = true;
    clearTimeout(timer);
    running?.abort();
  });
  const begun = new URLSearchParams(new FormData(form)).toString();
  addEventListener('beforeunload', (event) => {
    if (!sent && new URLSearchParams(new FormData(form)).toString() !== begun) event.preventDefault();
  });
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
