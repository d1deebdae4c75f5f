// The real server, a real browser, and people at its page. Everything that the tests know about the page's texts stands here.
//
// Nothing waits for a time: playwright waits for what is looked for, and fails after its time-out.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const BINARY = process.env.CHAT_SERVER ?? here('../../target/debug/chat-server');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PASSWORD = 'correct horse battery';

/** How long anything that is waited for may take: far more than it does, since machines are slow now and then. */
const PATIENCE = 30_000;

export const WIDE = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 780 };

// ── The server ──

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** The binary, with a data directory and an address of its own, which it keeps when it is started again. */
export class Server {
  static async start(env = {}) {
    const server = new Server();
    server.dir = mkdtempSync(join(tmpdir(), 'chat-browser-'));
    const port = await freePort();
    server.url = `http://127.0.0.1:${port}`;
    server.env = {
      PATH: process.env.PATH,
      CHAT_LISTEN: `127.0.0.1:${port}`,
      CHAT_DATA_DIR: server.dir,
      CHAT_LIMITS__RATES: 'off',
      CHAT_AUTH__BCRYPT_COST: '4',
      // For whoever works on the page: a folder in place of what is built in.
      ...(process.env.CHAT_WEB__DIR && { CHAT_WEB__DIR: process.env.CHAT_WEB__DIR }),
      ...env,
    };
    await server.up();
    return server;
  }

  async up() {
    this.process = spawn(BINARY, [], { env: this.env, cwd: this.dir, stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    const serving = new Promise((done, failed) => {
      this.process.on('error', failed);
      this.process.on('exit', () => failed(new Error(`the server ended:\n${log}`)));
      this.process.stderr.on('data', (chunk) => {
        log += chunk;
        if (log.includes('listening on')) done();
      });
    });
    await serving;
  }

  /** Ends it as a cut of the power would. */
  async kill() {
    const exit = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exit;
  }

  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** A call of the HTTP API, which must go well. */
  async call(method, path, { token, body } = {}) {
    const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': 'application/json' }) };
    const answer = await fetch(`${this.url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /** An account that nobody sees made, signed in. */
  async account(username, profile) {
    const account = { username, email: `${username}@example.com`, password: PASSWORD };
    const user = await this.call('POST', '/users', { body: account });
    const token = await this.token(username);
    if (profile) await this.call('PATCH', '/users/me', { token, body: profile });
    return { ...user, ...profile, token };
  }

  async token(username) {
    const session = await this.call('POST', '/sessions', { body: { username, password: PASSWORD } });
    return session.access_token;
  }

  /** Sends texts, some at once where their order does not matter. */
  async send(token, room, texts, atOnce = 1) {
    const rest = texts.entries();
    const sender = async () => {
      for (const [, text] of rest) await this.call('POST', `/rooms/${room}/messages`, { token, body: { text } });
    };
    await Promise.all(Array.from({ length: atOnce }, sender));
  }

  /** What all messages of a room say, from the first on. */
  async texts(token, room) {
    const texts = [];
    for (let after = '0'; after;) {
      const page = await this.call('GET', `/rooms/${room}/messages?limit=200&after=${after}`, { token });
      texts.push(...page.items.map((message) => message.text));
      after = page.next;
    }
    return texts;
  }
}

// ── The browser ──

const PROGRAMS = [process.env.CHAT_CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome'].filter(Boolean);
let browser;

async function theBrowser() {
  if (browser) return browser;
  const which = (program) => spawnSync('sh', ['-c', 'command -v "$0"', program]).stdout.toString().trim();
  const executablePath = PROGRAMS.map(which).find(Boolean);
  assert.ok(executablePath, 'the tests need Chromium; CHAT_CHROMIUM names it where it is called otherwise');
  // Tests run as root in containers, where Chromium has no sandbox, and little shared memory.
  browser = await chromium.launch({ executablePath, chromiumSandbox: false, args: ['--disable-dev-shm-usage'] });
  return browser;
}

export async function closeBrowser() {
  await browser?.close();
}

let closing = false;

/** A test: a server, and whoever comes to it. What goes wrong is photographed. */
export function scene(name, play, { env, ...options } = {}) {
  if (!closing) after(closeBrowser);
  closing = true;
  test(name, options, async () => {
    const stage = new Stage(await Server.start(env));
    try {
      await play(stage);
      stage.isClean();
    } catch (error) {
      await stage.photograph(name);
      throw error;
    } finally {
      await stage.close();
    }
  });
}

export class Stage {
  constructor(server) {
    this.server = server;
    this.people = [];
  }

  /** Somebody with a window of their own, at the page and signed up. */
  async signUp(name, options) {
    const person = await this.visitor(name, options);
    await person.signUp();
    return person;
  }

  /** Somebody with an account, who logs in. */
  async logIn(name, options) {
    const person = await this.visitor(name, options);
    await person.logIn();
    return person;
  }

  /** Somebody who has opened the page. */
  async visitor(name, options = {}) {
    const context = await (await theBrowser()).newContext({ viewport: WIDE, locale: 'en-GB', ...options });
    context.setDefaultTimeout(PATIENCE);
    const person = new Person(this, name, await context.newPage());
    this.people.push(person);
    await person.page.goto(this.server.url);
    return person;
  }

  /** That no page had anything to complain about. */
  isClean() {
    for (const person of this.people) {
      assert.deepEqual(person.complaints, [], `what ${person.name}'s browser says`);
    }
  }

  async photograph(name) {
    const folder = here(`failed/${name.replace(/[^a-z0-9]+/gi, '-')}`);
    mkdirSync(folder, { recursive: true });
    for (const person of this.people) {
      await person.page.screenshot({ path: join(folder, `${person.name}.png`) }).catch(() => {});
      if (person.complaints.length) console.error(`${person.name}:`, person.complaints);
    }
  }

  async close() {
    // What ended already, ended by what the test tells of.
    for (const person of this.people) await person.page.context().close().catch(() => {});
    await this.server.stop();
  }
}

/** What a console says when a server is away, and nothing else. */
const AWAY = /net::ERR_(CONNECTION_\w+|INTERNET_DISCONNECTED|EMPTY_RESPONSE|NETWORK_\w+|SOCKET_NOT_CONNECTED)|WebSocket connection to/;

// ── People at the page ──

export class Person {
  constructor(stage, name, page) {
    Object.assign(this, { stage, name, page, complaints: [] });
    page.on('console', (message) => {
      if (message.type() === 'error' && !AWAY.test(message.text())) this.complaints.push(message.text());
    });
    page.on('request', (request) => {
      const own = ['blob:', 'data:', 'about:', `${stage.server.url}/`].some((begin) => request.url().startsWith(begin));
      if (!own) this.complaints.push(`asks somebody else: ${request.url()}`);
    });
    page.on('pageerror', (error) => this.complaints.push(String(error.stack ?? error)));
    page.on('dialog', (dialog) => {
      this.complaints.push(`a dialog: ${dialog.message()}`);
      dialog.dismiss().catch(() => {});
    });
  }

  // Coming in.

  async signUp() {
    await this.enter('Sign up', 'Create account', { Username: this.name, Email: `${this.name}@example.com`, Password: PASSWORD });
  }

  async logIn() {
    await this.enter('Log in', 'Log in', { 'Username or email': this.name, Password: PASSWORD });
  }

  async enter(tab, button, fields) {
    const { page } = this;
    await page.getByRole('tab', { name: tab }).click();
    for (const [label, text] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(text);
    await page.getByRole('button', { name: button }).click();
    await this.isIn();
  }

  isIn() {
    return this.page.getByRole('button', { name: /^Your account/ }).waitFor();
  }

  token() {
    return this.stage.server.token(this.name);
  }

  async id() {
    const { id } = await this.stage.server.call('GET', '/users/me', { token: await this.token() });
    return id;
  }

  /** Waits for a short word of the page about what was done. */
  told(text) {
    return this.page.getByRole('alert').getByText(text, { exact: true }).first().waitFor();
  }

  /** Waits until the page's connection is `online`, `connecting` or `offline`. */
  async connection(state) {
    await this.page.locator(`html[data-connection=${state}]`).waitFor();
  }

  /** Goes to an address within the page. */
  async at(hash) {
    await this.page.evaluate((to) => { location.hash = to; }, hash);
  }

  /** Waits until all that moves has come to rest and all pictures are there. */
  async isStill() {
    await this.page.evaluate(async () => {
      await document.fonts.ready;
      await Promise.all([...document.images].map((image) => image.complete || image.decode().catch(() => {})));
      const moving = document.getAnimations().filter((one) => one.effect?.getTiming().iterations !== Infinity);
      await Promise.all(moving.map((one) => one.finished.catch(() => {})));
    });
  }

  // Rooms.

  async create(name, kind) {
    const { page } = this;
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Create room' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill(name);
    if (kind) await dialog.getByLabel('Who can come in').selectOption(kind);
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await this.isOpen(name);
  }

  async join(name) {
    await this.at('#/browse');
    await this.page.getByRole('button', { name: `Join ${name}`, exact: true }).click();
    await this.isOpen(name);
  }

  get rooms() {
    return this.page.getByRole('list', { name: 'Rooms' }).getByRole('link');
  }

  async open(name) {
    await this.rooms.filter({ hasText: name }).first().click();
    await this.isOpen(name);
  }

  async isOpen(name) {
    await this.page.getByRole('heading', { name, exact: true, level: 1 }).waitFor();
    await this.composer.waitFor();
  }

  /** The id of the room that is shown. */
  async room() {
    return this.page.evaluate(() => decodeURIComponent(location.hash.split('/')[2]));
  }

  /** Opens what stands beside the conversation. */
  async beside(name) {
    await this.page.getByRole('main').getByRole('link', { name, exact: true }).click();
    await this.side.getByRole('heading', { name, exact: true }).waitFor();
  }

  // The conversation.

  get log() {
    return this.page.getByRole('log', { name: 'Messages' });
  }

  get composer() {
    return this.page.getByRole('textbox', { name: /^Message / });
  }

  get thread() {
    return this.page.getByRole('log', { name: 'Thread' });
  }

  /** What stands beside the conversation; on a phone, in its place. */
  get side() {
    return this.page.locator('.side');
  }

  /** The messages that say this. */
  message(text, within = this.log) {
    return within.getByRole('article').filter({ hasText: text });
  }

  /** Those that the server has acknowledged. */
  kept(text, within = this.log) {
    return within.locator('article[data-offset]').filter({ hasText: text });
  }

  async say(text) {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  sees(text) {
    return this.kept(text).first().waitFor();
  }

  /** Chooses something from the buttons of a message, or from its menu. */
  async act(text, action, within = this.log) {
    const message = this.message(text, within).last();
    await message.hover();
    await message.getByRole('toolbar', { name: 'Message actions' }).waitFor();
    const button = message.getByRole('button', { name: action, exact: true });
    if (await button.isVisible()) return button.click();
    await message.getByRole('button', { name: 'More' }).click();
    await this.page.getByRole('menuitem', { name: action, exact: true }).click();
  }

  async openThread(text) {
    await this.act(text, 'Open thread');
    await this.thread.waitFor();
  }

  async reply(text) {
    const composer = this.page.getByRole('textbox', { name: 'Reply in the thread' });
    await composer.fill(text);
    await composer.press('Enter');
  }

  /** Chooses files for the next message. */
  async attach(...files) {
    await this.page.locator('input[type=file]').first().setInputFiles(files);
  }

  /** What the messages say that are in the document and acknowledged, in order. */
  async texts() {
    // At once: what is drawn anew between two steps has no lines any more.
    return this.log.evaluate((log) => [...log.querySelectorAll('article[data-offset] [data-text]')].map((one) => one.innerText));
  }

  // Judging.

  /** Takes back what the browser says of an answer that the test brings about, which it must have said. */
  expected(complaint) {
    const rest = this.complaints.filter((one) => !complaint.test(one));
    assert.ok(rest.length < this.complaints.length, `${complaint} was said`);
    this.complaints = rest;
  }

  /** Whether an audit finds nothing to mend in what is shown now (WCAG 2.2 A and AA, and what is good practice). */
  async isAccessible(what) {
    const { page } = this;
    // Contrast is measured at the end of what fades in.
    await this.isStill();
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } }));
    const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => `    ${node.html}\n    ${node.failureSummary}`).join('\n')}`);
    assert.deepEqual(told, [], `${what}, ${this.name}`);
  }
}

/** A page's worth of attacks: each must stay the text that it is. */
export const ATTACKS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](java\tscript:alert(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '[x](vbscript:msgbox(1))',
  '![x](https://example.org/a.png" onerror="alert(1))',
  '![x](javascript:alert(1))',
  '<javascript:alert(1)>',
  '"><script>alert(1)</script>',
  "' onmouseover='alert(1)",
  '" autofocus onfocus=alert(1) x="',
  '</textarea><script>alert(1)</script>',
  '</title><script>alert(1)</script>',
  '<!--><script>alert(1)</script>-->',
  '<![CDATA[<script>alert(1)</script>]]>',
  '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
  '<details open ontoggle=alert(1)>',
  '<style>*{display:none}</style>',
  '<link rel=stylesheet href=//example.org/a.css>',
  '<meta http-equiv=refresh content="0;url=https://example.org">',
  '<base href=https://example.org/>',
  '<form action=https://example.org><button>x</button></form>',
  '<input autofocus onfocus=alert(1)>',
  '<template><script>alert(1)</script></template>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '&#60;script&#62;alert(1)&#60;/script&#62;',
  '`<script>alert(1)</script>`',
  '```\n<script>alert(1)</script>\n```',
  '**<img src=x onerror=alert(1)>**',
  'https://example.org/"onmouseover="alert(1)',
  'https://example.org/<script>alert(1)</script>',
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)}',
  '__proto__',
  'constructor',
  '\u202Ealert(1)\u202C',
  'a\u0000b'.replace('\u0000', '\uFFFD'),
  '😀'.repeat(200),
  'x'.repeat(2000),
];
