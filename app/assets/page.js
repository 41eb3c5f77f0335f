// What the page does beyond showing itself: local times, remembered groups, tooltips on the days.
// Everything can be read without it.
(() => {
  const page = document.documentElement;
  const all = (selector) => document.querySelectorAll(selector);
  const make = (tag, textContent) => Object.assign(document.createElement(tag), { textContent });

  // Dates are written as the page writes them, in the visitor's zone; the title keeps them in UTC.
  const language = page.lang === 'en' ? 'en-GB' : page.lang;
  const format = (options) => Intl.DateTimeFormat(language, options);
  const clock = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' };
  const date = { day: 'numeric', month: 'short', year: 'numeric' };
  const moment = { ...date, ...clock };
  const forms = { c: clock, d: { ...date, month: 'long' }, w: { weekday: 'short', ...moment } };
  const utc = format({ ...moment, timeZone: 'UTC' });
  const plain = (zone) => zone.replace(/^(Etc\/)?(UTC|GMT)$/, 'UTC');
  const away = plain(format().resolvedOptions().timeZone) !== plain(page.dataset.zone || 'UTC');

  for (const time of all('time[datetime*=T]')) {
    const at = new Date(time.dateTime);
    if (isNaN(at)) continue;
    time.title = utc.format(at);
    if (away) time.textContent = format(forms[time.dataset.t] || moment).format(at);
  }

  // A group stays as the visitor left it until its status changes. Storage may be forbidden.
  for (const group of all('[data-group]')) {
    const mark = (open) => group.dataset.status + open;
    try {
      if (localStorage[group.dataset.group] === mark(!group.open)) group.open = !group.open;
    } catch {}
    group.firstElementChild.addEventListener('click', () => {
      try { localStorage[group.dataset.group] = mark(!group.open); } catch {}
    });
  }

  // Tooltips. A bar's data-days holds a word per day with something to tell: "84p252i0" is day 84,
  // 252 minutes of partial outage, incident 0; "0n12" is twelve days without data from day 0 on.
  const named = document.getElementById('named');
  if (!named) return;
  const last = 89;
  const [m, p, d, w, unknown, well, hours, minutes] = named.dataset.words.split('|');
  const words = { m, p, d, w };
  const dates = format({ weekday: 'short', ...date, timeZone: 'UTC' });
  const tip = make('div');
  const cursor = make('span');
  tip.id = tip.className = 'tip';
  tip.role = 'tooltip';
  tip.ariaLive = 'polite';
  cursor.className = 'cursor';
  let bar, day, leaving;

  const unit = (count, text) => (count ? text.replace('#', count) : '');
  const spent = (total) => `${unit(Math.floor(total / 60), hours)} ${unit(total % 60, minutes)}`.trim();

  const lines = (wanted) => {
    const states = [];
    const incidents = [];
    let calm = well;
    for (const word of bar.dataset.days.split(' ')) {
      const first = parseInt(word);
      for (const [, kind, digits] of word.matchAll(/([a-z])(\d+)/g)) {
        const value = +digits;
        if (kind === 'n' && first <= wanted && wanted < first + value) calm = unknown;
        if (kind === 'n' || first !== wanted) continue;
        if (kind === 'i') incidents.push(named.children[value].firstChild.cloneNode(true));
        else states.push(make('p', words[kind] + ' ' + spent(value)));
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
    const one = drawing.width / (last + 1);
    const first = Math.round((box.left - drawing.left) / one);
    const wanted = choose ? choose(from) : Math.floor((x - drawing.left) / one);
    const next = Math.min(last, Math.max(first, wanted));
    if (next === day) return;
    day = next;
    const shown = new Date(named.dataset.today);
    shown.setUTCDate(shown.getUTCDate() - last + day);
    tip.replaceChildren(make('b', dates.format(shown)), ...lines(day));
    const centre = drawing.left - box.left + (day + 0.5) * one;
    cursor.style.left = centre + 'px';
    tip.style.left = Math.max(0, Math.min(box.width - tip.offsetWidth, centre - tip.offsetWidth / 2)) + 'px';
  };

  const on = (type, handle) => document.addEventListener(type, handle);
  const barOf = (event) => event.target.closest('[data-days]');
  const within = (node) => bar?.contains(node) || tip.contains(node);
  const pointed = (event) => {
    const target = barOf(event);
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
  on('focusin', (event) => {
    const target = barOf(event);
    if (target && target !== bar) show(target, 0, () => last);
  });
  on('focusout', (event) => {
    if (!within(event.relatedTarget)) hide();
  });
  const keys = { ArrowLeft: (from) => from - 1, ArrowRight: (from) => from + 1, Home: () => 0, End: () => last };
  on('keydown', (event) => {
    const target = barOf(event);
    if (event.key === 'Escape' && bar) {
      if (tip.contains(document.activeElement)) bar.focus();
      hide();
    } else if (target && keys[event.key]) {
      event.preventDefault();
      show(target, 0, keys[event.key]);
    }
  });
})();
