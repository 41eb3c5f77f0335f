// Keeps the page true while somebody looks at it: hears of changes, fetches the page anew and puts in
// what differs. A copy of the page by itself, or an old browser, does without.
(() => {
  // The version that is shown, and the newest that was heard of.
  let shown = document.currentScript.dataset.v;
  let told = shown;
  let stream, heard, timer, busy, over;
  // In a row: fetches that brought nothing new, answers from before, polls without a stream.
  let odd = 0, stale = 0, polls = 0;

  const find = (selector) => document.querySelector(selector);
  const plan = (seconds) => {
    clearTimeout(timer);
    if (!over && !document.hidden) timer = setTimeout(ask, seconds * 1e3);
  };
  // Between a half and one and a half of it, so that not all ask at once.
  const about = (seconds) => seconds * (Math.random() + .5);
  // What the clock changes is no news; a stream that never spoke is one that a proxy holds back.
  const idle = () => plan(about(stream && heard ? 300 : 60));

  // Nodes that were put in by script.
  const ours = (node) => node.matches?.('.tip,.cursor');
  const after = (node) => {
    while (node && ours(node)) node = node.nextSibling;
    return node;
  };
  const names = ['id', 'data-group', 'data-component-id', 'aria-labelledby', 'href'];
  const key = (node) => {
    if (!node.getAttribute) return;
    for (const name of names) if (node.hasAttribute(name)) return name + node.getAttribute(name);
    return /^(ARTICLE|LI)$/.test(node.nodeName) && node.querySelector('a')?.getAttribute('href');
  };

  // Makes a node like a fresh one; what is alike stays, with its focus, its selection and its folds.
  const merge = (old, fresh) => {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== 1) return (old.data = fresh.data);
    if (old.nodeName === 'TIME') {
      if (old.dateTime !== fresh.dateTime || old.dataset.t !== fresh.dataset.t) old.replaceWith(fresh);
      return;
    }
    // A fold stays as the visitor left it until its status changes.
    const kept = old.dataset.status === fresh.dataset.status ? ['open', 'aria-describedby'] : ['aria-describedby'];
    for (const { name, value } of [...fresh.attributes]) {
      if (kept.includes(name) || old.getAttribute(name) === value) continue;
      old.setAttribute(name, value);
      // A tooltip would go on telling what was.
      if (name === 'data-days') dispatchEvent(new Event('resize'));
    }
    for (const { name } of [...old.attributes]) {
      if (!kept.includes(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
    }
    const rest = new Set([...old.childNodes].filter((node) => !ours(node)));
    const wanted = new Set([...fresh.childNodes].map(key));
    const known = new Map([...rest].map((node) => [key(node), node]));
    let next = after(old.firstChild);
    for (const child of [...fresh.childNodes]) {
      const name = key(child);
      // What is not wanted any more is in nobody's way.
      while (next && key(next) && !wanted.has(key(next))) next = after(next.nextSibling);
      const same = name ? known.get(name) : next && !key(next) && next;
      if (same && rest.has(same) && same.nodeName === child.nodeName) {
        rest.delete(same);
        if (same === next) next = after(next.nextSibling);
        else old.insertBefore(same, next);
        merge(same, child);
      } else {
        old.insertBefore(child, next);
      }
    }
    for (const node of rest) node.remove();
  };

  // What can't be exchanged within a page: its language and zone, its styles, its scripts.
  const dress = (page) => {
    const root = page.documentElement;
    const parts = page.querySelectorAll('head style,head script');
    return [root.lang, root.dataset.zone, ...[...parts].map((part) => part.getAttribute('src') || part.textContent)].join();
  };

  // Says the sentence at the top to those who don't see that it changed, and nothing else.
  const voice = document.createElement('p');
  voice.role = 'status';
  Object.assign(voice.style, { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' });

  const swap = (fresh) => {
    const focus = document.activeElement;
    if (dress(fresh) !== dress(document) || (fresh.querySelector('#named') && !find('#named'))) {
      // Nobody loses what they type.
      if (!focus?.matches('input,select,textarea')) location.reload();
      return false;
    }
    const sentence = find('h1').textContent;
    document.title = fresh.title;
    document.body.className = fresh.body.className;
    for (const selector of ['[rel=icon]', '[media*=light]', '[media*=dark]', '.defs', 'body>header', 'main', 'body>footer']) {
      const [old, now] = [find(selector), fresh.querySelector(selector)];
      if (old && now) merge(old, now);
    }
    if (focus !== document.activeElement) {
      const name = focus.id ? '#' + CSS.escape(focus.id) : `[href="${CSS.escape(focus.getAttribute('href'))}"]`;
      (focus.isConnected ? focus : find(name))?.focus({ preventScroll: true });
    }
    dispatchEvent(new Event('swap'));
    if (find('h1').textContent !== sentence) voice.textContent = find('h1').textContent;
    return true;
  };

  // Fetches the page: what was told of under an address of its own, which all have in common, so that a
  // cache between asks once; the rest as the browser has it, if it is still so.
  const ask = async () => {
    if (busy) return;
    busy = true;
    odd++;
    try {
      const address = new URL(location);
      const news = told !== shown;
      if (news) address.searchParams.set('v', told);
      const answer = await fetch(address, { cache: news ? 'no-store' : 'no-cache', signal: AbortSignal.timeout(15e3) });
      if (answer.status === 404 && ++stale > 5) location.reload();
      if (answer.ok && !answer.redirected) {
        const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const version = fresh.querySelector('[data-v]')?.dataset.v;
        // Another server or a cache may be behind, also the server that told of it. What does not change in a
        // while is believed: whoever opens the page anew sees the same.
        const is = parseInt(version);
        const told_of = version === told || (version !== shown && is > parseInt(told));
        const fits = !version || (told_of && is >= parseInt(shown)) || ++stale > 5;
        if (fits && swap(fresh)) {
          shown = told = version;
          odd = stale = 0;
          // It is past by now.
          if (!version) close(over = true);
        }
      }
    } catch {}
    busy = false;
    if (told === shown) polling();
    else plan(about(Math.min(2 ** odd, 64)));
  };

  const polling = () => {
    if (!stream && ++polls % 5 === 0) open();
    idle();
  };

  // A stream that is refused is not tried again by the browser. Where there is none at all, nothing changes.
  const refused = async () => {
    stream = heard = null;
    try {
      over = (await fetch('/events', { method: 'HEAD' })).status === 404;
    } catch {}
    idle();
  };

  const close = () => {
    stream?.close();
    stream = null;
  };

  const open = () => {
    if (stream || over || document.hidden || !window.EventSource) return;
    stream = new EventSource('/events');
    stream.onerror = () => stream?.readyState === 2 && refused();
    stream.addEventListener('revision', (event) => {
      const first = !heard;
      heard = true;
      odd = 0;
      told = event.lastEventId;
      // Said again, it is surer of it, or less sure.
      if (told === shown && first) idle();
      else plan(Math.random() * JSON.parse(event.data).spread_ms / 1e3);
    });
  };

  // A browser has six connections to a host; a tab that nobody sees holds none of them.
  const seen = () => {
    if (document.hidden) {
      close();
      clearTimeout(timer);
    } else {
      open();
      plan(about(stream ? 60 : 2));
    }
  };

  document.addEventListener('visibilitychange', seen);
  addEventListener('pagehide', close);
  addEventListener('pageshow', (event) => {
    document.body.append(voice);
    if (event.persisted) seen();
    else setTimeout(() => (open(), idle()), 500);
  });
})();
