// How the server is doing: its figures of the last minutes, as they come in.

import { fill, h } from '../dom.js';
import { day, errorText, number, size, t, time } from '../i18n.js';
import { note, spinner } from '../views/form.js';
import { ask } from './ask.js';
import { Chart } from './chart.js';

const EVERY = 2000;
/** How much the charts show, in ms. */
const SPAN = 300_000;

/** Kept for whoever looks elsewhere and comes back. */
const samples = [];

const DATABASES = { sqlite: 'SQLite', postgres: 'PostgreSQL' };
const milliseconds = (micros) => t('admin.ms', { n: micros < 10_000 ? Math.round(micros / 10) / 100 : Math.round(micros / 100) / 10 });
const rounded = (n) => number(n < 10 ? Math.round(n * 10) / 10 : Math.round(n));
const CHARTS = {
  connections: { lines: ['connections'], format: number },
  users: { lines: ['users'], format: number },
  messages: { lines: ['messages'], format: rounded },
  deliveries: { lines: ['deliveries'], format: rounded },
  commits: { lines: ['p50', 'p99'], format: milliseconds },
  memory: { lines: ['memory'], format: size },
};

function take(stats) {
  const at = Date.parse(stats.at);
  // What counts began elsewhere where another node has answered, or the same one after a start.
  const began = at - stats.uptime_seconds * 1000;
  const before = samples.at(-1);
  const goesOn = before && at > before.at && Math.abs(began - before.began) < 3000;
  const rate = (name) => (goesOn ? Math.max(0, stats[name] - before.stats[name]) * 1000 / (at - before.at) : null);
  samples.push({
    at, began, stats,
    connections: stats.connections, users: stats.users, messages: rate('messages'), deliveries: rate('deliveries'),
    p50: stats.commits.p50_microseconds ?? null, p99: stats.commits.p99_microseconds ?? null, memory: stats.memory_bytes ?? null,
  });
  while (samples[0].at < at - SPAN) samples.shift();
}

export function figures() {
  const charts = Object.entries(CHARTS).map(([name, { lines, format }]) => new Chart({ title: t(`admin.chart.${name}`), lines: lines.map((key) => [key, lines.length > 1 && t(`admin.line.${key}`)]), format, span: SPAN, gap: EVERY * 3 }));
  const about = h('dl', { class: 'facts' });
  const problem = h('p', { class: 'form-error', role: 'alert' });
  const el = h('div', null, spinner());
  let timer = 0, over = false;

  function draw() {
    const { stats, began } = samples.at(-1);
    const facts = [['version', stats.version], ['since', `${day(began)}, ${time(began)}`], ['database', DATABASES[stats.database] ?? stats.database],
      ['rooms', number(stats.rooms)], ['subscriptions', number(stats.subscriptions)], ['commits', number(stats.commits.count)]];
    fill(about, facts.map(([name, text]) => h('div', null, h('dt', null, t(`admin.fact.${name}`)), h('dd', null, text))));
    for (const chart of charts) chart.draw(samples);
    if (!about.isConnected) fill(el, problem, about, h('div', { class: 'charts' }, charts.map((chart) => chart.el)), h('p', { class: 'muted lead' }, t('admin.figures.text')));
  }

  async function look() {
    // Nobody watches a page that is not shown.
    if (!document.hidden) {
      try {
        take(await ask('stats'));
        if (over) return;
        problem.textContent = '';
        draw();
      } catch (error) {
        if (over) return;
        if (error.status === 403 || !about.isConnected) { fill(el, note(errorText(error))); if (error.status === 403) return; }
        problem.textContent = errorText(error);
      }
    }
    timer = setTimeout(look, EVERY);
  }

  look();
  return { el, destroy() { over = true; clearTimeout(timer); } };
}
