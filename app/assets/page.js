// What the page does beyond showing itself: local times, remembered groups, tooltips on the days.
// Everything can be read without it.
(() => {
  const page = document.documentElement;
  const all = (selector) => document.querySelectorAll(selector);
  const make = (tag, textContent) => Object.assign(document.createElement(tag), { textContent });

  // Dates are written as the page writes them, in the visitor's zone; the title keeps them in UTC.
  const language = /^(en|ar-XB)$/.test(page.lang) ? 'en-GB' : page.lang;
  const format = (options) => Intl.DateTimeFormat(language, options);
  const clock = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' };
  const spelt = { day: 'numeric', month: 'short', year: 'numeric' };
  // A short date names its month in some languages and counts it in others.
  const date = /\p{L}/u.test(format({ dateStyle: 'medium' }).format()) ? spelt : { ...spelt, day: '2-digit', month: '2-digit' };
  const moment = { ...date, ...clock };
  const whole = { weekday: 'short', ...moment };
  // A time with both ends names the zone at its end.
  const forms = { c: clock, d: { ...spelt, month: 'long' }, b: { ...whole, timeZoneName: void 0 }, w: whole, n: clock };
  const utc = format({ ...moment, timeZone: 'UTC' });
  const plain = (zone) => zone.replace(/^(Etc\/)?(UTC|GMT)$/, 'UTC');
  const away = plain(format().resolvedOptions().timeZone) !== plain(page.dataset.zone || 'UTC');

  // What is less than a day away is told by its distance too. A page that nobody sees draws no
  // frame, so this pauses with it and catches up when it is seen again. What was put into the page
  // since (a swap) is told like the rest.
  const distance = new Intl.RelativeTimeFormat(language);
  let due;
  const tell = () => {
    for (const time of all('time[datetime*=T]')) {
      const at = new Date(time.dateTime);
      if (isNaN(at)) continue;
      if (!time.title) {
        const form = time.dataset.t;
        time.title = utc.format(at);
        // What ends on the day of its begin ends at an hour.
        const brief = time.previousElementSibling?.textContent.includes(format(date).format(at));
        if (away) time.textContent = format(brief ? clock : forms[form] || moment).format(at);
        if (!form || form === 'n') time.near = time.textContent;
      }
      if (!time.near) continue;
      const m = (at - Date.now()) / 6e4, far = Math.abs(m);
      const [n, unit] = far < 60 ? [m, 'minute'] : [m / 60, 'hour'];
      time.textContent = time.near + (far < 1440 ? ' · ' + distance.format(Math.round(n), unit) : '');
    }
    clearTimeout(due);
    due = setTimeout(() => requestAnimationFrame(tell), 6e4);
  };
  addEventListener('swap', tell);
  tell();

  // Whoever takes the way to a language keeps to it.
  for (const link of all('a[hreflang]')) {
    link.onclick = () => (document.cookie = `lang=${link.hreflang};path=/;max-age=31536000;samesite=lax`);
  }

  // A group stays as the visitor left it until its status changes. Storage may be forbidden.
  for (const group of all('[data-group]')) {
    const name = group.dataset.group;
    const mark = (open) => group.dataset.status + open;
    try {
      if (localStorage[name] === mark(!group.open)) group.open = !group.open;
    } catch {}
    group.firstElementChild.onclick = () => {
      try { localStorage[name] = mark(!group.open); } catch {}
    };
  }

  // Tooltips. A bar's data-days holds a word per day with something to tell: "84p252i0" is day 84,
  // 252 minutes of partial outage, incident 0; "0n12" is twelve days without data from day 0 on.
  const named = all('#named')[0];
  if (!named) return;
  const last = 89;
  // Days run from the side where reading begins.
  const [begin, way] = page.dir ? ['right', -1] : ['left', 1];
  const [m, p, d, w, unknown, well, hours, minutes] = named.dataset.words.split('|');
  const dates = format({ weekday: 'short', ...date, timeZone: 'UTC' });
  const tip = make('div');
  const cursor = make('span');
  tip.id = tip.className = 'tip';
  tip.role = 'tooltip';
  tip.ariaLive = 'polite';
  cursor.className = 'cursor';
  let bar, day, leaving;

  const unit = (count, text) => count ? text.replace('#', count) : '';
  const spent = (total) => `${unit(Math.floor(total / 60), hours)} ${unit(total % 60, minutes)}`.trim();

  const lines = (wanted) => {
    const states = [], incidents = [];
    let calm = well;
    for (const word of bar.dataset.days.split(' ')) {
      const first = parseInt(word);
      for (let [, kind, value] of word.matchAll(/([a-z])(\d+)/g)) {
        if (kind === 'n' && first <= wanted && wanted - first < value) calm = unknown;
        if (kind === 'n' || first !== wanted) continue;
        if (kind === 'i') incidents.push(named.children[value].firstChild.cloneNode(true));
        else states.push(make('p', { m, p, d, w }[kind] + ' ' + spent(value)));
      }
    }
    return [...(states.length ? states : [make('p', calm)]), ...incidents];
  };

  const hide = () => {
    bar?.removeAttribute('aria-describedby');
    tip.remove();
    cursor.remove();
    bar = day = undefined;
  };

  // Shows the day at a place on the screen, or the one that `choose` makes of the day before. On a
  // phone the drawing is wider than the bar, which shows its end.
  const show = (target, x, choose) => {
    clearTimeout(leaving);
    const from = target === bar ? day : last;
    if (target !== bar) {
      hide();
      bar = target;
      bar.append(cursor);
      bar.after(tip);
      bar.setAttribute('aria-describedby', 'tip');
    }
    const [drawing, box] = [bar.firstChild, bar].map((shape) => shape.getBoundingClientRect());
    const one = way * drawing.width / (last + 1);
    const days = (place) => (place - drawing[begin]) / one;
    const next = Math.min(last, Math.max(Math.round(days(box[begin])), choose ? choose(from) : Math.floor(days(x))));
    if (next === day) return;
    day = next;
    const shown = Date.parse(named.dataset.today) + (day - last) * 864e5;
    tip.replaceChildren(make('b', dates.format(shown)), ...lines(day));
    const centre = drawing[begin] - box.left + (day + .5) * one;
    cursor.style.left = centre + 'px';
    tip.style.left = Math.max(0, Math.min(box.width - tip.offsetWidth, centre - tip.offsetWidth / 2)) + 'px';
  };

  // Each is told the event and the bar that it is about.
  const on = (type, handle) => document.addEventListener(type, (event) => handle(event, event.target.closest('[data-days]')));
  const within = (node) => bar?.contains(node) || tip.contains(node);
  const pointed = (event, target) => {
    if (target) show(target, event.clientX);
    else if (within(event.target)) clearTimeout(leaving);
    else if (event.type === 'pointerdown') hide();
  };

  on('pointerdown', pointed);
  on('pointermove', pointed);
  on('pointercancel', hide);
  onresize = hide;
  on('pointerout', (event) => {
    if (event.pointerType === 'mouse' && within(event.target) && !within(event.relatedTarget)) {
      leaving = setTimeout(() => within(document.activeElement) || hide(), 250);
    }
  });
  on('focusin', (event, target) => {
    if (target && target !== bar) show(target, 0, () => last);
  });
  on('focusout', (event) => {
    if (!within(event.relatedTarget)) hide();
  });
  const keys = { ArrowLeft: (from) => from - way, ArrowRight: (from) => from + way, Home: () => 0, End: () => last };
  on('keydown', (event, target) => {
    if (event.key === 'Escape' && bar) {
      if (tip.contains(document.activeElement)) bar.focus();
      hide();
    } else if (target && keys[event.key]) {
      event.preventDefault();
      show(target, 0, keys[event.key]);
    }
  });
})();
