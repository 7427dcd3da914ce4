// The world of a function: what it may call, how its handlers are found, and the talk with the server over
// two pipes, a line of JSON each way. It runs inside the sandbox with the function and is no boundary: the
// server takes nothing that comes out of here on trust.
(() => {
'use strict';
const { std, os } = globalThis;
for (const name of ['std', 'os', 'bjson', 'print', 'scriptArgs', 'execArgv', 'argv0', 'gc', 'navigator', 'SharedArrayBuffer']) delete globalThis[name];
const { parse, stringify } = JSON;
const input = std.in, output = std.out;

// --- The pipes ---

const say = (message) => {
  output.puts(stringify(message) + '\n');
  output.flush();
};
const inbox = []; // what came while something else was waited for
let more = false; // a further line is there: hearing will not wait
const hear = () => {
  const line = input.getline();
  if (line === null) std.exit(0);
  more = line[0] === '+';
  return parse(more ? line.slice(1) : line);
};

// now asks the server for what it can answer at once.
const now = (op, args) => {
  say({ now: op, ...args });
  for (;;) {
    const m = hear();
    if ('now' in m) {
      if (m.error) throw new TypeError(m.error);
      return m.now;
    }
    inbox.push(m);
  }
};

// later asks for what takes a while.
const waiting = new Map();
let lastID = 0;
const later = (op, args) => new Promise((resolve, reject) => {
  const id = ++lastID;
  waiting.set(id, { resolve, reject });
  say({ later: op, id, ...args });
});

// --- Bytes and text ---

class TextEncoder {
  get encoding() { return 'utf-8'; }
  encode(text = '') {
    text = String(text).toWellFormed();
    let n = 0;
    const out = new Uint8Array(text.length * 3);
    for (let i = 0; i < text.length; i++) {
      let c = text.charCodeAt(i);
      if (c < 0x80) { out[n++] = c; continue; }
      if (c < 0x800) out[n++] = 0xc0 | c >> 6;
      else {
        if (c >= 0xd800 && c < 0xdc00) {
          c = 0x10000 + ((c & 0x3ff) << 10) + (text.charCodeAt(++i) & 0x3ff);
          out[n++] = 0xf0 | c >> 18;
          out[n++] = 0x80 | c >> 12 & 63;
        } else out[n++] = 0xe0 | c >> 12;
        out[n++] = 0x80 | c >> 6 & 63;
      }
      out[n++] = 0x80 | c & 63;
    }
    return out.slice(0, n);
  }
}

class TextDecoder {
  #fatal;
  constructor(label = 'utf-8', { fatal = false } = {}) {
    if (!/^utf-?8$/i.test(label)) throw new RangeError('only utf-8 is decoded');
    this.#fatal = fatal;
  }
  get encoding() { return 'utf-8'; }
  decode(bytes) { return bytes === undefined ? '' : now('decode', { bytes: base64(view(bytes)), fatal: this.#fatal }); }
}

const view = (v) => {
  if (v instanceof Uint8Array) return v;
  if (ArrayBuffer.isView(v)) return new Uint8Array(v.buffer, v.byteOffset, v.byteLength);
  if (v instanceof ArrayBuffer) return new Uint8Array(v);
  throw new TypeError('bytes are an ArrayBuffer or a view of one');
};
const isBytes = (v) => v instanceof ArrayBuffer || ArrayBuffer.isView(v);
const bytesOf = (v) => typeof v === 'string' ? new TextEncoder().encode(v) : view(v);

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const base64 = (bytes) => {
  const parts = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const rest = bytes.length - i, n = bytes[i] << 16 | (bytes[i + 1] ?? 0) << 8 | (bytes[i + 2] ?? 0);
    parts.push(digits[n >> 18] + digits[n >> 12 & 63] + (rest > 1 ? digits[n >> 6 & 63] : '=') + (rest > 2 ? digits[n & 63] : '='));
  }
  return parts.join('');
};
const unbase64 = (text) => {
  text = String(text).replace(/[\t\n\f\r ]/g, '').replace(/={1,2}$/, '');
  if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text)) throw new TypeError('the text is not base64');
  const out = new Uint8Array(text.length * 3 >> 2);
  let n = 0, held = 0, bits = 0;
  for (const c of text) {
    held = (held << 6 | digits.indexOf(c)) & 0xffffff;
    if ((bits += 6) >= 8) out[n++] = held >> (bits -= 8) & 255;
  }
  return out;
};
const btoa = (text) => {
  text = String(text);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c > 255) throw new TypeError('btoa takes characters up to U+00FF; encode the text first');
    bytes[i] = c;
  }
  return base64(bytes);
};
const latin = (bytes) => {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text;
};
const atob = (text) => latin(unbase64(text));
const hex = (bytes) => Array.from(bytes, (b) => (b < 16 ? '0' : '') + b.toString(16)).join('');

const structuredClone = (v) => { // of what JSON does not know: dates, maps, sets, bytes, cycles
  const seen = new Map();
  const copy = (v) => {
    if (typeof v === 'function' || typeof v === 'symbol') throw new TypeError('a ' + typeof v + ' cannot be cloned');
    if (typeof v !== 'object' || v === null) return v;
    if (seen.has(v)) return seen.get(v);
    const keep = (c) => (seen.set(v, c), c);
    if (v instanceof Date) return keep(new Date(v));
    if (v instanceof RegExp) return keep(new RegExp(v));
    if (v instanceof ArrayBuffer) return keep(v.slice(0));
    if (ArrayBuffer.isView(v)) return keep(new v.constructor(v));
    if (v instanceof Map) { const c = keep(new Map()); v.forEach((x, k) => c.set(copy(k), copy(x))); return c; }
    if (v instanceof Set) { const c = keep(new Set()); v.forEach((x) => c.add(copy(x))); return c; }
    if (v instanceof Error) { const c = keep(new Error(v.message)); c.name = v.name; return c; }
    const c = keep(Array.isArray(v) ? [] : {});
    for (const k of Object.keys(v)) c[k] = copy(v[k]);
    return c;
  };
  return copy(v);
};

// --- URL (of RFC 3986, as Go parses it) ---

class URLSearchParams {
  #pairs = [];
  #changed;
  constructor(init = '', changed) {
    this.#changed = changed;
    if (typeof init === 'string') {
      const decode = (s) => { try { return decodeURIComponent(s.replaceAll('+', ' ')); } catch { return s; } };
      for (const part of init.replace(/^\?/, '').split('&')) {
        if (part === '') continue;
        const at = part.indexOf('=');
        this.#pairs.push(at < 0 ? [decode(part), ''] : [decode(part.slice(0, at)), decode(part.slice(at + 1))]);
      }
    } else {
      const list = init[Symbol.iterator] ? init : Object.entries(init);
      for (const [k, v] of list) this.#pairs.push([String(k), String(v)]);
    }
  }
  #tell() { this.#changed?.(this.toString()); }
  get size() { return this.#pairs.length; }
  get(name) { return this.#pairs.find(([k]) => k === name)?.[1] ?? null; }
  getAll(name) { return this.#pairs.filter(([k]) => k === name).map(([, v]) => v); }
  has(name) { return this.#pairs.some(([k]) => k === name); }
  append(name, value) { this.#pairs.push([String(name), String(value)]); this.#tell(); }
  delete(name) { this.#pairs = this.#pairs.filter(([k]) => k !== name); this.#tell(); }
  set(name, value) {
    const at = this.#pairs.findIndex(([k]) => k === name);
    if (at < 0) return this.append(name, value);
    this.#pairs = this.#pairs.filter(([k], i) => k !== name || i === at);
    this.#pairs[at][1] = String(value);
    this.#tell();
  }
  sort() { this.#pairs.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0); this.#tell(); }
  forEach(f, self) { for (const [k, v] of this.#pairs) f.call(self, v, k, this); }
  entries() { return this.#pairs.map((p) => [...p])[Symbol.iterator](); }
  keys() { return this.#pairs.map(([k]) => k)[Symbol.iterator](); }
  values() { return this.#pairs.map(([, v]) => v)[Symbol.iterator](); }
  [Symbol.iterator]() { return this.entries(); }
  toString() {
    const encode = (s) => encodeURIComponent(s.toWellFormed()).replaceAll('%20', '+').replace(/[!'()~]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());
    return this.#pairs.map(([k, v]) => encode(k) + '=' + encode(v)).join('&');
  }
}

class URL {
  #parts;
  #params;
  constructor(url, base) {
    this.#parts = now('url', { url: String(url), base: base === undefined ? '' : String(base) });
    this.#params = new URLSearchParams(this.#parts.search, (s) => { this.#parts.search = s && '?' + s; });
  }
  static canParse(url, base) { try { return !!new URL(url, base); } catch { return false; } }
  get protocol() { return this.#parts.protocol; }
  get username() { return this.#parts.username; }
  get password() { return this.#parts.password; }
  get hostname() { return this.#parts.hostname; }
  get port() { return this.#parts.port; }
  get host() { return this.#parts.host; }
  get origin() { return this.protocol + '//' + this.host; }
  get pathname() { return this.#parts.pathname; }
  set pathname(v) { this.#parts.pathname = new URL(encodeURI(String(v)).replace(/[?#]/g, encodeURIComponent), this.origin + '/').pathname; }
  get search() { return this.#parts.search; }
  set search(v) {
    v = String(v).replace(/^\?/, '');
    this.#parts.search = v && '?' + v;
    this.#params = new URLSearchParams(v, (s) => { this.#parts.search = s && '?' + s; });
  }
  get searchParams() { return this.#params; }
  get hash() { return this.#parts.hash; }
  set hash(v) { v = String(v).replace(/^#/, ''); this.#parts.hash = v && '#' + v; }
  get href() {
    const user = this.username && this.username + (this.password && ':' + this.password) + '@';
    return this.protocol + '//' + user + this.host + this.pathname + this.search + this.hash;
  }
  toString() { return this.href; }
  toJSON() { return this.href; }
}

// --- fetch ---

class Headers {
  #map = new Map();
  constructor(init) {
    if (!init) return;
    for (const [k, v] of init[Symbol.iterator] ? init : Object.entries(init)) this.append(k, v);
  }
  append(name, value) {
    name = String(name).toLowerCase();
    value = String(value).trim();
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || /[\0\r\n]/.test(value)) throw new TypeError('header ' + stringify(name) + ' is not well formed');
    this.#map.set(name, this.#map.has(name) ? this.#map.get(name) + ', ' + value : value);
  }
  set(name, value) { this.delete(name); this.append(name, value); }
  get(name) { return this.#map.get(String(name).toLowerCase()) ?? null; }
  has(name) { return this.#map.has(String(name).toLowerCase()); }
  delete(name) { this.#map.delete(String(name).toLowerCase()); }
  forEach(f, self) { for (const [k, v] of this) f.call(self, v, k, this); }
  entries() { return [...this.#map].sort(([a], [b]) => a < b ? -1 : 1)[Symbol.iterator](); }
  keys() { return [...this].map(([k]) => k)[Symbol.iterator](); }
  values() { return [...this].map(([, v]) => v)[Symbol.iterator](); }
  [Symbol.iterator]() { return this.entries(); }
}

class Body {
  #body; // undefined, text, or bytes
  #used = false;
  constructor(body) { this.#body = body; }
  #take() {
    if (this.#used) throw new TypeError('the body has been read already');
    this.#used = this.#body !== undefined;
    return this.#body ?? '';
  }
  get bodyUsed() { return this.#used; }
  async text() { const b = this.#take(); return typeof b === 'string' ? b : new TextDecoder().decode(b); }
  async json() { return parse(await this.text()); }
  async bytes() { return bytesOf(this.#take()).slice(); }
  async arrayBuffer() { return (await this.bytes()).buffer; }
  static peek(b) {
    if (b.#used) throw new TypeError('the body has been read already');
    return b.#body;
  }
}

const bodyOf = (body, headers) => {
  if (body === undefined || body === null) return undefined;
  const type = (t) => headers.has('content-type') || headers.set('content-type', t);
  if (isBytes(body)) return view(body).slice();
  if (body instanceof URLSearchParams) type('application/x-www-form-urlencoded;charset=UTF-8');
  else type('text/plain;charset=UTF-8');
  return String(body).toWellFormed();
};

class Request extends Body {
  constructor(input, init = {}) {
    const from = input instanceof Request ? input : undefined;
    const method = String(init.method ?? from?.method ?? 'GET').toUpperCase();
    const headers = new Headers(init.headers ?? from?.headers);
    const body = init.body !== undefined ? bodyOf(init.body, headers) : from && Body.peek(from);
    if (body !== undefined && (method === 'GET' || method === 'HEAD')) throw new TypeError(method + ' has no body');
    super(body);
    this.method = method;
    this.headers = headers;
    this.url = from ? from.url : init.incoming ? new URL(input) : new URL(input).href;
    this.redirect = init.redirect ?? from?.redirect ?? 'follow';
    this.signal = init.signal ?? from?.signal ?? null;
  }
  clone() { return new Request(this); }
}

class Response extends Body {
  constructor(body, init = {}) {
    const headers = new Headers(init.headers);
    super(bodyOf(body, headers));
    this.status = init.status ?? 200;
    this.statusText = init.statusText ?? '';
    this.headers = headers;
    this.ok = this.status >= 200 && this.status < 300;
    this.url = init.url ?? '';
    this.redirected = init.redirected ?? false;
  }
  clone() { return new Response(Body.peek(this), this); }
  static json(v, init = {}) {
    const headers = new Headers(init.headers);
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    return new Response(stringify(v), { ...init, headers });
  }
}

const fetch = async (input, init) => {
  const r = new Request(input, init);
  const body = Body.peek(r);
  r.signal?.throwIfAborted();
  const answer = later('fetch', {
    method: r.method, url: String(r.url), headers: [...r.headers], redirect: r.redirect,
    ...(typeof body === 'string' ? { text: body } : body && { bytes: base64(body) }),
  });
  const a = r.signal ? await Promise.race([answer, new Promise((_, no) => r.signal.addEventListener('abort', () => no(r.signal.reason)))]) : await answer;
  return new Response(a.bytes === undefined ? a.text : unbase64(a.bytes), a);
};

class AbortSignal {
  #listeners = [];
  aborted = false;
  reason = undefined;
  onabort = null;
  addEventListener(type, f) { if (type === 'abort') this.#listeners.push(f); }
  removeEventListener(type, f) { this.#listeners = this.#listeners.filter((g) => g !== f); }
  throwIfAborted() { if (this.aborted) throw this.reason; }
  static abort(reason) { const c = new AbortController(); c.abort(reason); return c.signal; }
  static timeout(ms) { const c = new AbortController(); setTimeout(() => c.abort(named('TimeoutError', 'it took too long')), ms); return c.signal; }
  static fire(s, reason) {
    if (s.aborted) return;
    s.aborted = true;
    s.reason = reason;
    const event = { type: 'abort', target: s };
    s.onabort?.(event);
    for (const f of s.#listeners) f(event);
  }
}
const fire = AbortSignal.fire;
delete AbortSignal.fire;
const named = (name, message) => Object.assign(new Error(message), { name });
class AbortController {
  signal = new AbortSignal();
  abort(reason = named('AbortError', 'it was aborted')) { fire(this.signal, reason); }
}

// --- Timers ---

const timers = new Map();
const arm = (f, ms, args, again) => {
  if (typeof f !== 'function') throw new TypeError('a timer takes a function');
  const timer = { id: ++lastID };
  const wait = Math.min(Math.max(Number(ms) || 0, again ? 1 : 0), 0x7fffffff);
  const start = (id) => {
    waiting.set(id, { resolve: ring, reject: (e) => { throw e; } });
    timer.now = id;
    say({ later: 'timer', id, ms: wait });
  };
  const ring = () => {
    if (!timers.has(timer.id)) return;
    if (again) start(++lastID); else timers.delete(timer.id);
    f(...args);
  };
  timers.set(timer.id, timer);
  start(timer.id);
  return timer.id;
};
const setTimeout = (f, ms, ...args) => arm(f, ms, args, false);
const setInterval = (f, ms, ...args) => arm(f, ms, args, true);
const clearTimeout = (id) => {
  const timer = timers.get(id);
  if (!timer) return;
  timers.delete(id);
  waiting.delete(timer.now);
};

// --- crypto ---

const hashes = { 'sha-1': 'sha1', 'sha-256': 'sha256', 'sha-384': 'sha384', 'sha-512': 'sha512' };
const hashName = (v) => {
  const name = String(v?.name ?? v).toLowerCase();
  return hashes[name] ?? name;
};
class Hash {
  #hash; #key; #parts = [];
  constructor(hash, key) { this.#hash = hashName(hash); this.#key = key; }
  update(data) { this.#parts.push(bytesOf(data)); return this; }
  digest(encoding) {
    const size = this.#parts.reduce((n, p) => n + p.length, 0), all = new Uint8Array(size);
    let n = 0;
    for (const p of this.#parts) { all.set(p, n); n += p.length; }
    const sum = unbase64(now('hash', { hash: this.#hash, bytes: base64(all), ...(this.#key && { key: base64(this.#key) }) }));
    switch (encoding) {
      case undefined: return sum;
      case 'hex': return hex(sum);
      case 'base64': return base64(sum);
      case 'base64url': return base64(sum).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    }
    throw new TypeError('a digest is written in hex, base64 or base64url');
  }
}
const createHash = (hash) => new Hash(hash);
const createHmac = (hash, key) => new Hash(hash, bytesOf(key));
const getRandomValues = (v) => {
  view(v).set(unbase64(now('random', { size: v.byteLength })));
  return v;
};
const randomUUID = () => {
  const b = getRandomValues(new Uint8Array(16));
  b[6] = b[6] & 15 | 64;
  b[8] = b[8] & 63 | 128;
  return hex(b).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};
const timingSafeEqual = (a, b) => {
  a = bytesOf(a);
  b = bytesOf(b);
  if (a.length !== b.length) return false;
  let differ = 0;
  for (let i = 0; i < a.length; i++) differ |= a[i] ^ b[i];
  return differ === 0;
};
const keys = new WeakMap();
const subtle = {
  digest: async (hash, data) => createHash(hash).update(data).digest().buffer,
  importKey: async (format, data, algorithm) => {
    if (format !== 'raw' || String(algorithm?.name ?? algorithm).toUpperCase() !== 'HMAC') throw new TypeError('keys are raw, for HMAC');
    const key = { type: 'secret', algorithm };
    keys.set(key, { hash: algorithm.hash, bytes: bytesOf(data).slice() });
    return key;
  },
  sign: async (_, key, data) => createHmac(keys.get(key).hash, keys.get(key).bytes).update(data).digest().buffer,
  verify: async (_, key, signature, data) => timingSafeEqual(new Uint8Array(await subtle.sign(_, key, data)), view(signature)),
};

// --- console, cache ---

const show = (v, depth) => {
  if (typeof v === 'string') return depth ? stringify(v) : v;
  if (typeof v === 'bigint') return v + 'n';
  if (typeof v === 'function') return '[function ' + v.name + ']';
  if (typeof v !== 'object' || v === null) return String(v);
  if (v instanceof Error) return v.name + ': ' + v.message;
  try { return stringify(v) ?? String(v); } catch { return '[object]'; }
};
const most = 4096; // of the console, in characters; the server counts bytes
let said = 0;
const log = (level) => (...args) => {
  if (said > most) return;
  const text = args.map((a) => show(a, 0)).join(' ').slice(0, most);
  said += text.length + 1;
  say({ log: text, level });
};
const console = { log: log('log'), info: log('info'), debug: log('debug'), warn: log('warn'), error: log('error'), trace: log('log'), table: log('log'), dir: log('log') };

const cache = {
  // load returns what is kept under key, else what make returns, and keeps that for ttl milliseconds.
  load: async (key, ttl, make) => {
    const kept = now('cached', { key: String(key) });
    if (kept !== null) return parse(kept);
    const value = await make();
    const text = stringify(value);
    if (text !== undefined) now('cache', { key: String(key), ttl: Number(ttl) || 0, text });
    return value;
  },
  delete: async (key) => { now('uncache', { key: String(key) }); },
};

// --- Errors ---

const failure = (name, base = Error) => {
  const c = { [name]: class extends base { constructor(message = '', options) { super(message, options); } } }[name];
  Object.defineProperty(c.prototype, 'name', { value: name, configurable: true, writable: true });
  return c;
};
const errors = {};
for (const name of ['EventNotSupported', 'InvalidEventPayload', 'ValidationError', 'RetryError', 'Timeout', 'DropEvent', 'MessageRejected', 'InvalidSettings']) errors[name] = failure(name);
const FetchError = failure('FetchError', TypeError);

const told = (e) => {
  const plain = { name: 'Error', message: '', stack: '' };
  try {
    if (e === null) Object.assign(plain, { name: 'OutOfMemory', message: 'there is no memory left to say what went wrong' }); // the engine throws null then
    else if (typeof e !== 'object') plain.message = String(e);
    else {
      plain.name = String(e.name ?? 'Error');
      plain.message = String(e.message ?? '');
      plain.stack = String(e.stack ?? '').replaceAll('<input>', 'function.js').split('\n').filter((l) => l.includes('function.js')).join('\n');
    }
  } catch { /* a getter that throws */ }
  return plain;
};

// --- Calls of a source function ---

const emit = (type) => (call) => {
  if (typeof call !== 'object' || call === null) throw new errors.ValidationError('Segment.' + type + ' takes an object');
  say({ emit: { ...call, type } });
};
const Segment = {};
for (const type of ['identify', 'track', 'page', 'screen', 'group', 'alias']) Segment[type] = emit(type);
Segment.set = () => { throw new errors.EventNotSupported('Segment.set: objects are not kept here; use identify or group'); };

// --- Handlers ---

const names = { track: 'onTrack', identify: 'onIdentify', page: 'onPage', screen: 'onScreen', group: 'onGroup', alias: 'onAlias', delete: 'onDelete' };
const all = ['onRequest', 'onBatch', ...Object.values(names)];

const one = async (handlers, call, settings, insert) => {
  const name = names[call.type];
  const handler = handlers[name];
  if (!handler) throw new errors.EventNotSupported('the function has no ' + (name ?? 'handler for ' + call.type));
  const v = await handler(call, settings);
  return insert ? kept(v) : undefined;
};

// kept is what an insert function hands on: nothing drops the call.
const kept = (v) => {
  if (v === undefined || v === null || v === false) throw new errors.DropEvent('the function returned nothing');
  if (typeof v !== 'object' || Array.isArray(v)) throw new errors.InvalidEventPayload('the function returned no event');
  return v;
};

const result = (i, f) => f.then((call) => { say({ result: i, ...(call && { call }) }); }, (e) => { say({ result: i, error: told(e) }); });

const batch = async (handlers, calls, settings, insert) => {
  const answers = await handlers.onBatch(calls, settings);
  const list = Array.isArray(answers) ? answers : undefined;
  if (insert && list?.length !== calls.length) throw new errors.InvalidEventPayload('onBatch returned ' + (list ? list.length : 'no list of') + ' events; it must return ' + calls.length);
  return calls.map(async (_, i) => {
    const a = list?.[i];
    if (insert) return kept(a);
    const status = Number(a?.status ?? 200);
    if (status < 400) return undefined;
    const message = status + ': ' + String(a.errormessage ?? a.error ?? '');
    throw status === 408 || status === 425 || status === 429 || status >= 500 ? new errors.RetryError(message) : new errors.MessageRejected(message);
  });
};

const work = async ({ code, calls, settings, insert, request }) => {
  const handlers = (0, eval)(code + '\n;({' + all.map((n) => n + ": typeof " + n + " === 'function' ? " + n + ' : undefined').join() + '})');
  say({ handlers: all.filter((n) => handlers[n]) });
  if (!request && !calls) return;
  if (request) {
    if (!handlers.onRequest) throw new errors.EventNotSupported('the function has no onRequest');
    await result(0, Promise.resolve(handlers.onRequest(new Request(request.url, { ...request, incoming: true }), settings)).then(() => undefined));
  } else if (handlers.onBatch) {
    const each = await batch(handlers, calls, settings, insert);
    for (let i = 0; i < calls.length; i++) await result(i, each[i]);
  } else {
    for (let i = 0; i < calls.length; i++) await result(i, one(handlers, calls[i], settings, insert));
  }
};

// --- The loop ---

Object.assign(globalThis, {
  TextEncoder, TextDecoder, btoa, atob, structuredClone, URL, URLSearchParams, Headers, Request, Response, fetch, AbortController, AbortSignal, FetchError,
  setTimeout, setInterval, clearTimeout, clearInterval: clearTimeout, setImmediate: (f, ...args) => setTimeout(f, 0, ...args),
  crypto: { randomUUID, getRandomValues, createHash, createHmac, timingSafeEqual, subtle }, console, cache, Segment, ...errors,
});

const finish = (end) => {
  say({ end });
  std.exit(0);
};

const handle = (m) => {
  const w = waiting.get(m.id);
  waiting.delete(m.id);
  if (w && m.error) w.reject(m.unreachable ? new FetchError(m.error) : new TypeError(m.error));
  else if (w) w.resolve(m.value);
};

// turn hears what came. It is a timer of the engine: those run when no promise has anything left to do.
const turn = () => {
  if (inbox.length === 0 && waiting.size === 0) finish({ stalled: true });
  do handle(inbox.length ? inbox.shift() : hear()); while (inbox.length || more);
  os.setTimeout(turn, 0);
};

work(hear()).then(() => finish({}), (e) => finish({ error: told(e) }));
os.setTimeout(turn, 0);
})();
