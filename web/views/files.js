// The files of a message.

import { fill, h, icon, iconButton } from '../dom.js';
import { size, t } from '../i18n.js';
import { linkTo } from '../store/links.js';
import { uploaded } from '../store/uploads.js';
import { attempt } from './form.js';

const WIDE = 360, HIGH = 300;

/** @param {any} message @param {any[]} files */
export function filesOf(message, files) {
  const pictures = files.filter((file) => file.width && file.type.startsWith('image/'));
  const others = files.filter((file) => !pictures.includes(file));
  return h('div', { class: 'files' },
    pictures.length > 0 && h('div', { class: 'pictures' }, pictures.map((file) => picture(message, file, pictures))),
    others.map((file) => (/^(audio|video)\//.test(file.type) ? player(message, file) : other(message, file))));
}

function picture(message, file, all) {
  // Its place is there before it is, so that nothing jumps.
  const scale = Math.min(1, WIDE / file.width, HIGH / file.height);
  const small = all.length > 2;
  const width = small ? 160 : Math.max(48, Math.round(file.width * scale)), height = small ? 160 : Math.max(48, Math.round(file.height * scale));
  const img = h('img', { alt: file.name, width, height, loading: 'lazy', decoding: 'async' });
  const mine = uploaded.get(file.id)?.url;
  if (mine) img.src = mine;
  else linkTo(message, file, file.thumbnail ? 'thumbnail' : undefined).then((url) => { img.src = url; }, () => img.classList.add('broken'));
  return h('button', { class: 'picture', type: 'button', 'aria-label': t('file.enlarge', { name: file.name }), style: { '--ratio': `${width} / ${height}`, '--width': `${width}px` }, onclick: () => enlarge(message, file, all) }, img);
}

/** A picture as large as the window, and those beside it. */
function enlarge(message, file, all) {
  let at = all.indexOf(file);
  const img = h('img', { alt: '' });
  const caption = h('span', { dir: 'auto' });
  const save = iconButton('down', t('file.download'), () => download(message, all[at]));
  const el = h('dialog', { class: 'lightbox', 'aria-label': t('file.picture') },
    h('header', null, caption, save, iconButton('close', t('close'), () => el.close())), h('div', { class: 'stage' }, img));
  const show = async () => {
    const one = all[at];
    img.alt = one.name;
    caption.textContent = all.length > 1 ? `${one.name} · ${at + 1}/${all.length}` : one.name;
    try { img.src = await linkTo(message, one); } catch { img.removeAttribute('src'); }
  };
  el.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || all.length < 2) return;
    at = (at + step + all.length) % all.length;
    show();
  });
  el.addEventListener('click', (event) => { if (event.target !== img && !event.target.closest('header')) el.close(); });
  el.addEventListener('close', () => el.remove());
  document.body.append(el);
  el.showModal();
  show();
}

function player(message, file) {
  const kind = file.type.split('/')[0];
  const el = h('div', { class: 'player' });
  const begin = async () => {
    await attempt(async () => {
      const media = h(kind, { controls: true, autoplay: true, src: await linkTo(message, file) });
      fill(el, media, h('span', { class: 'muted', dir: 'auto' }, file.name));
    });
  };
  fill(el, chip(file, t('file.play', { name: file.name }), begin));
  return el;
}

const other = (message, file) => chip(file, t('file.save', { name: file.name }), () => download(message, file));

function chip(file, label, onclick) {
  return h('button', { class: 'file', type: 'button', title: label, onclick },
    h('span', { class: 'file-kind' }, icon('file', 22)), h('span', { class: 'file-text' }, h('span', { class: 'file-name', dir: 'auto' }, file.name), h('span', { class: 'muted' }, size(file.size))), icon('down', 18));
}

async function download(message, file) {
  await attempt(async () => {
    const a = h('a', { href: await linkTo(message, file), download: file.name });
    document.body.append(a);
    a.click();
    a.remove();
  });
}

/** The files of what is not sent yet. */
export function pendingFiles(ids) {
  return h('div', { class: 'files' }, ids.map((id) => {
    const file = uploaded.get(id);
    if (file?.url) return h('span', { class: 'picture' }, h('img', { src: file.url, alt: file.name }));
    return h('span', { class: 'file' }, icon('file', 22), h('span', { class: 'file-name', dir: 'auto' }, file?.name ?? t('file')));
  }));
}
