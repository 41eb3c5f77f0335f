// What the page does beyond showing itself: local times, remembered groups, tooltips on the days.
// Everything can be read without it.
(() => {
  'use strict';
  const root = document.documentElement;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const make = (tag, text, className = '') => Object.assign(document.createElement(tag), { textContent: text, className });

  // The visitor's own way of writing dates, if it is in the page's language.
  const base = (tag) => tag.split('-')[0];
  const language = navigator.languages.find((tag) => base(tag) === base(root.lang)) || root.lang;
  const format = (options) => new Intl.DateTimeFormat(language, options);

  const clock = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' };
  const moment = { day: 'numeric', month: 'short', year: 'numeric', ...clock };
  const forms = { c: clock, d: { day: 'numeric', month: 'long', year: 'numeric' } };
  const utc = format({ ...moment, timeZone: 'UTC' });
  const plain = (zone) => zone.replace(/^(Etc\/)?(UTC|UCT|GMT|Zulu)$/, 'UTC');
  const here = plain(Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC');
  const away = here !== plain(root.dataset.zone || 'UTC');

  for (const time of all('time[datetime*="T"]')) {
    const at = new Date(time.dateTime);
    time.title = utc.format(at);
    if (away) time.textContent = format(forms[time.dataset.t] || moment).format(at);
  }
  if (away) {
    const range = format({ weekday: 'short', ...moment });
    for (const span of all('.w')) {
      const [from, until] = [...span.children].map((time) => new Date(time.dateTime));
      span.title = utc.formatRange(from, until);
      span.textContent = range.formatRange(from, until);
    }
  }

  // A group stays as the visitor left it until its status changes. Storage may be forbidden.
  for (const group of all('details[data-group]')) {
    const key = 'pharos:' + group.dataset.group;
    const mark = (open) => group.dataset.status + (open ? ' open' : ' closed');
    try {
      const kept = localStorage.getItem(key);
      if (kept === mark(true) || kept === mark(false)) group.open = kept === mark(true);
    } catch { /* then nothing is remembered */ }
    group.querySelector('summary').addEventListener('click', () => {
      try { localStorage.setItem(key, mark(!group.open)); } catch { /* as above */ }
    });
  }

  // Tooltips. A bar's data-days holds a word per day with something to tell: "84p252i0" is day 84,
  // 252 minutes of partial outage, incident 0; "0n12" is twelve days without data from day 0 on.
  const named = document.getElementById('named');
  if (!named) return;
  const last = 89;
  const [major, partial, degraded, maintenance, unknown, well, hours, minutes] = named.dataset.words.split('|');
  const words = { m: major, p: partial, d: degraded, w: maintenance };
  const dates = format({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  const tip = make('div', '', 'tip');
  const cursor = make('span', '', 'cursor');
  tip.id = 'tip';
  tip.setAttribute('role', 'tooltip');
  tip.setAttribute('aria-live', 'polite');
  let bar, day, leaving, pointer;

  const spent = (total) => {
    const parts = [[Math.floor(total / 60), hours], [total % 60, minutes]];
    return parts.filter(([count]) => count).map(([count, text]) => text.replace('#', count)).join(' ');
  };

  const lines = (days, at) => {
    const found = [];
    let blank = false;
    for (const word of days.split(' ')) {
      const first = parseInt(word, 10);
      for (const [, kind, digits] of word.matchAll(/([a-z])(\d+)/g)) {
        const value = Number(digits);
        if (kind === 'n') blank ||= first <= at && at < first + value;
        else if (first !== at) continue;
        else if (kind === 'i') found.push(named.children[value].firstChild.cloneNode(true));
        else found.push(make('p', words[kind] + ' ' + spent(value)));
      }
    }
    if (!found.some((line) => line.tagName === 'P')) found.unshift(make('p', blank ? unknown : well));
    return found;
  };

  // Where the drawing begins and ends: on a phone it is wider than the bar, which shows its end.
  const measure = () => {
    const drawing = bar.firstChild.getBoundingClientRect();
    const box = bar.getBoundingClientRect();
    const one = drawing.width / (last + 1);
    return { drawing, box, one, first: Math.max(0, Math.round((box.left - drawing.left) / one)) };
  };

  const show = (target, wanted) => {
    clearTimeout(leaving);
    const moved = bar !== target;
    if (moved) hide();
    bar = target;
    const { drawing, box, one, first } = measure();
    const at = Math.min(last, Math.max(first, wanted ?? Math.floor((pointer - drawing.left) / one)));
    if (!moved && at === day) return;
    day = at;
    const date = new Date(named.dataset.today + 'T00:00Z');
    date.setUTCDate(date.getUTCDate() - last + day);
    tip.replaceChildren(make('b', dates.format(date)), ...lines(bar.dataset.days, day));
    if (moved) {
      bar.append(cursor);
      bar.after(tip);
      bar.setAttribute('aria-describedby', 'tip');
    }
    const centre = drawing.left - box.left + (day + 0.5) * one;
    cursor.style.left = centre + 'px';
    const room = box.width - tip.offsetWidth;
    tip.style.left = Math.max(0, Math.min(room, centre - tip.offsetWidth / 2)) + 'px';
  };

  const hide = () => {
    if (!bar) return;
    bar.removeAttribute('aria-describedby');
    tip.remove();
    cursor.remove();
    bar = day = undefined;
  };

  const on = (type, handle) => document.addEventListener(type, handle);
  const barOf = (event) => event.target.closest('[data-days]');
  const stays = (element) => element && (tip.contains(element) || (bar && bar.contains(element)));

  on('pointermove', (event) => {
    if (event.pointerType !== 'mouse') return;
    pointer = event.clientX;
    const target = barOf(event);
    if (target) show(target);
    else if (tip.contains(event.target)) clearTimeout(leaving);
  });
  on('pointerout', (event) => {
    if (event.pointerType !== 'mouse' || !stays(event.target) || stays(event.relatedTarget)) return;
    clearTimeout(leaving);
    leaving = setTimeout(() => stays(document.activeElement) || hide(), 250);
  });
  let touched = false;
  on('pointerdown', (event) => {
    touched = event.pointerType !== 'mouse';
    if (!stays(event.target)) hide();
  });
  // A first touch shows the day; the table behind the bar is for keyboards, mice and no script.
  on('click', (event) => {
    const target = barOf(event);
    if (!target || !touched) return;
    event.preventDefault();
    pointer = event.clientX;
    show(target);
  });
  on('focusin', (event) => {
    const target = barOf(event);
    if (target && target !== bar && !touched) show(target, last);
  });
  on('focusout', (event) => {
    if (stays(event.target) && !stays(event.relatedTarget)) hide();
  });
  on('keydown', (event) => {
    touched = false;
    if (event.key === 'Escape' && bar) {
      if (tip.contains(document.activeElement)) bar.focus();
      return hide();
    }
    const target = barOf(event);
    if (!target) return;
    const from = target === bar ? day : last;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(target, to);
  });
})();
