// A figure over time: a curve or two, what it is now, and the most that it was.

import { fill, h } from '../dom.js';
import { t, time } from '../i18n.js';

const WIDTH = 300;
const HEIGHT = 80;

function svg(tag, props, ...children) {
  const el = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(props)) el.setAttribute(name, value);
  el.append(...children);
  return el;
}

/** The next round number: an axis that ends there stays as it is while what it measures moves a little. */
function roundUp(value) {
  if (!(value > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((step) => step * unit >= value) * unit;
}

/** The stretches of a line without a gap, as what an SVG path says. */
function stretches(samples, key, { x, y, gap }) {
  const paths = [];
  let before = null;
  for (const sample of samples) {
    if (sample[key] == null) { before = null; continue; }
    const point = `${x(sample.at).toFixed(1)} ${y(sample[key]).toFixed(1)}`;
    if (before && sample.at - before.at <= gap) paths[paths.length - 1].push(point);
    else paths.push([point]);
    before = sample;
  }
  return paths;
}

export class Chart {
  /** @param {{title: string, lines: [string, string|false][], format: (n: number) => string, span: number, gap: number}} options lines: what they are called in a sample, and for people where there are several */
  constructor({ title, lines, format, span, gap }) {
    Object.assign(this, { title, lines, format, span, gap, samples: [] });
    this.now = h('p', { class: 'chart-now' });
    this.top = h('span');
    this.curves = svg('g', {});
    this.pointer = svg('line', { class: 'pointer', y1: 0, y2: HEIGHT, visibility: 'hidden', 'vector-effect': 'non-scaling-stroke' });
    this.picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' }, this.curves, this.pointer);
    this.picture.addEventListener('pointermove', (event) => this.point(event));
    this.picture.addEventListener('pointerleave', () => this.point(null));
    this.el = h('section', { class: 'chart' }, h('h2', null, title), this.now, h('div', { class: 'chart-box' }, this.top, this.picture), h('div', { class: 'chart-axis', 'aria-hidden': 'true' }, h('span', null, t('admin.minutes', { n: span / 60_000 })), h('span', null, t('admin.now'))));
  }

  draw(samples) {
    this.samples = samples;
    const { lines, gap } = this;
    const all = samples.flatMap((sample) => lines.map(([key]) => sample[key])).filter((value) => value != null);
    const most = all.length ? Math.max(...all) : 0;
    const top = roundUp(most);
    const x = (at) => this.x(at);
    const y = (value) => HEIGHT - 1 - (value / top) * (HEIGHT - 4);
    this.top.textContent = this.format(top);
    this.curves.replaceChildren(...lines.flatMap(([key], n) => stretches(samples, key, { x, y, gap }).flatMap((points) => {
      // A single sample is a dot: a line to itself with round ends.
      const line = `M${points.join('L')}${points.length === 1 ? `L${points[0]}` : ''}`;
      const area = `${line}V${HEIGHT}H${points[0].split(' ')[0]}Z`;
      return [n === 0 && svg('path', { class: 'area', d: area }), svg('path', { class: `line line-${n}`, d: line, 'vector-effect': 'non-scaling-stroke' })].filter(Boolean);
    })));
    this.picture.setAttribute('aria-label', t('admin.chart', { title: this.title, now: this.said(samples.at(-1)), most: this.format(most) }));
    this.mark();
  }

  /** Where a time is, the last sample's at the end. */
  x(at) {
    return WIDTH - ((this.samples.at(-1).at - at) / this.span) * WIDTH;
  }

  figure(sample, key) {
    return sample[key] == null ? '–' : this.format(sample[key]);
  }

  /** What a sample says, in words. */
  said(sample) {
    return this.lines.map(([key, label]) => [label, this.figure(sample, key)].filter(Boolean).join(' ')).join(', ');
  }

  values(sample) {
    return this.lines.map(([key, label], n) => h('span', null, label && [h('i', { class: `key key-${n}` }), h('small', null, label)], h('b', null, this.figure(sample, key))));
  }

  /** Looks for the sample that is pointed at. */
  point(event) {
    const last = this.samples.at(-1);
    if (!last) return;
    const box = this.picture.getBoundingClientRect();
    const at = event && last.at - (1 - (event.clientX - box.left) / box.width) * this.span;
    this.pointed = event && this.samples.reduce((a, b) => (Math.abs(b.at - at) < Math.abs(a.at - at) ? b : a));
    this.mark();
  }

  /** Shows what it was then, wherever that has moved to; or what it is now. */
  mark() {
    if (this.pointed?.at < this.samples[0].at) this.pointed = null;
    const { pointed } = this;
    this.pointer.setAttribute('visibility', pointed ? 'visible' : 'hidden');
    if (!pointed) { fill(this.now, this.values(this.samples.at(-1))); return; }
    for (const end of ['x1', 'x2']) this.pointer.setAttribute(end, this.x(pointed.at));
    fill(this.now, this.values(pointed), h('time', null, time(pointed.at)));
  }
}
