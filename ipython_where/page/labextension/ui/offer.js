/**
 * What the page has, beside what a kernel has: the rows of the panel, and what to offer. Pure.
 *
 * @import { AboutServer, KernelExtension, KernelPlace, Outcome, PageExtension, Row, Verdict } from './types'
 */

/** JupyterLab shows so many characters of a notification. */
export const LONGEST_NOTICE = 140;
/** Characters that tell a path from others. */
const SHORTEST_PATH = 24;
const USABLE = 'can be used here';
const REMOVED = 'removed; this page keeps it until you reload it';

/**
 * The page's extensions: those that it has loaded, and those that the server would give to the next page.
 *
 * @param {AboutServer['extensions']} listed
 * @param {ReadonlyMap<string, { version: string | null, from: 'server' | 'kernel' | null }>} loaded
 * @returns {PageExtension[]}
 */
export function pageExtensions(listed, loaded) {
  const waiting = listed.filter(each => !loaded.has(each.name)).map(each => ({ ...each, loaded: false }));
  const here = [...loaded].map(([name, each]) => ({ name, ...each, loaded: true }));
  return [...here, ...waiting].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/**
 * What a kernel's environment has and the page hasn't: in another version, it hasn't either.
 *
 * @param {readonly KernelExtension[]} extensions
 * @param {readonly PageExtension[]} page
 */
export function lacking(extensions, page) {
  const loaded = new Map(page.filter(each => each.loaded).map(each => [each.name, each.version]));
  return extensions.filter(each => !loaded.has(each.name) || loaded.get(each.name) !== each.version);
}

/**
 * What may be used: what the server would take, and what it has taken for another page.
 *
 * @param {readonly Verdict[]} verdicts
 * @param {readonly PageExtension[]} page
 */
export function usable(verdicts, page) {
  const isWaiting = (/** @type {Verdict} */ { name, version }) =>
    page.some(each => each.name === name && each.version === version && each.from === 'kernel' && !each.loaded);
  return verdicts.filter(each => each.verdict === 'offer' || (each.verdict === 'there' && isWaiting(each)));
}

/**
 * What a notification is for: what may be used, less what the user doesn't want to hear of.
 *
 * @param {readonly Verdict[]} found
 * @param {readonly string[]} never
 * @param {ReadonlySet<string>} told those that a notification told of, by `keyOf`
 */
export function offered(found, never, told) {
  return found.filter(each => !never.includes(each.name) && !told.has(keyOf(each)));
}

/**
 * What this page can't have, because it has another version that came from a kernel. Of the server's own, an environment with
 * a JupyterLab of its own has many in other versions.
 *
 * @param {readonly Verdict[]} verdicts
 * @param {readonly PageExtension[]} page
 */
export function besides(verdicts, page) {
  const fromKernels = new Set(page.filter(each => each.from === 'kernel').map(each => each.name));
  return verdicts.filter(each => each.verdict === 'other version' && fromKernels.has(each.name));
}

/** @param {{ name: string, version: string }} extension */
export function keyOf({ name, version }) {
  return `${name}@${version}`;
}

/**
 * The panel's rows: the kernel's extensions, then those that the page has from other kernels.
 *
 * @param {KernelPlace | null} place
 * @param {readonly PageExtension[]} page
 * @param {readonly Verdict[]} verdicts
 * @returns {Row[]}
 */
export function rowsOf(place, page, verdicts) {
  const extensions = place?.extensions ?? [];
  const here = extensions.map(each =>
    rowOf(
      each,
      page.find(other => other.name === each.name),
      verdicts.find(other => other.name === each.name),
    ),
  );
  const others = page.filter(each => each.from === 'kernel' && !extensions.some(other => other.name === each.name));
  return [...here, ...others.map(rowOfAnother)];
}

/** @param {KernelExtension} own @param {PageExtension | undefined} page @param {Verdict | undefined} verdict @returns {Row} */
function rowOf(own, page, verdict) {
  const row = { name: own.name, version: own.version ?? 'unknown', from: 'this kernel', hint: verdict?.hint ?? null };
  const actions = page?.from === 'kernel' ? /** @type {Row['actions']} */ (['remove']) : [];
  if (page && page.version === own.version) {
    const same = { ...row, from: placeOf(page), hint: null };
    if (page.loaded) return { ...same, state: page.from ? 'loaded' : REMOVED, actions };
    // the server took it for another page, or this one could not load it
    if (page.from === 'kernel') return { ...same, state: USABLE, actions: ['use', ...actions] };
    return { ...same, state: 'loaded with the next page', actions };
  }
  if (page?.loaded) return { ...row, state: `the page has ${page.version ?? 'another version'} from ${placeOf(page)}`, actions };
  if (verdict?.verdict === 'offer') return { ...row, state: USABLE, actions: ['use'] };
  return { ...row, state: verdict?.reason ?? 'unknown', actions };
}

/** @param {PageExtension} page @returns {Row} */
function rowOfAnother(page) {
  const state = page.loaded ? 'loaded' : 'loaded with the next page';
  const version = page.version ?? 'unknown';
  return { name: page.name, version, from: 'another kernel', state, hint: null, actions: ['remove'] };
}

/** @param {PageExtension} page */
function placeOf(page) {
  return page.from === 'kernel' ? 'a kernel' : page.from === 'server' ? 'the server' : 'this page';
}

// -- words -----------------------------------------------------------------------------------------------------------

/**
 * A path with `~` for the home that the kernel says it has.
 *
 * @param {string} path
 * @param {string | null} home
 */
export function shortPath(path, home) {
  const isBelow = home && path.startsWith(home) && /^[/\\]|^$/.test(path.slice(home.length));
  return isBelow ? `~${path.slice(home.length)}` : path;
}

/** The last part of a path, whatever separates them. @param {string} path */
export function lastPart(path) {
  return path.replace(/[/\\]+$/, '').split(/[/\\]/).pop() || path;
}

/**
 * The last folders of a path, at most `room` characters.
 *
 * @param {string} path
 * @param {number} room
 */
function endOf(path, room) {
  if (path.length <= room) return path;
  const end = path.slice(path.length - room + 1);
  const start = end.search(/[/\\]/);
  return `…${start < 0 ? end : end.slice(start)}`;
}

/**
 * What a notification says of extensions that could be used; versions, scopes and names are left out where there is no room.
 *
 * @param {readonly { name: string, version: string }[]} found
 * @param {KernelPlace} place
 */
export function offerMessage(found, place) {
  const many = found.length > 1;
  const path = shortPath(place.prefix, place.home);
  const after = "), not in JupyterLab's";
  const short = found.map(each => each.name.replace(/^@.*\//, ''));
  const named = [found.map(each => `${each.name} ${each.version}`), found.map(each => each.name), short, [`${short[0]}`, `${found.length - 1} more`]];
  for (const names of many ? named : named.slice(0, 3)) {
    const before = `${listed(names)} ${many ? 'are' : 'is'} in this kernel's environment (`;
    const room = LONGEST_NOTICE - before.length - after.length;
    if (room >= Math.min(path.length, SHORTEST_PATH)) return before + endOf(path, room) + after;
  }
  return `${many ? `${found.length} extensions` : 'One extension'} of this kernel's environment can be used here`;
}

/** What a notification says of a version that the page can't have. @param {Verdict} verdict */
export function otherMessage({ name, version, page_version }) {
  const whole = `${name} ${version} is in this kernel's environment; JupyterLab has ${page_version} from a kernel, and can't have both`;
  return whole.length > LONGEST_NOTICE ? `${name}: JupyterLab has another version from a kernel, and can't have both` : whole;
}

/** @param {readonly string[]} names */
function listed(names) {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/**
 * How a load ended, in a sentence, and how a notification looks that says so.
 *
 * @param {readonly Outcome[]} outcomes
 * @returns {{ message: string, type: 'success' | 'info' | 'warning' | 'error' }}
 */
export function endMessage(outcomes) {
  const bad = outcomes.find(each => each.is === 'failed' || each.is === 'refused');
  if (bad) return { message: `${bad.name} was not loaded: ${bad.text ?? bad.is}`, type: bad.is === 'failed' ? 'error' : 'warning' };
  const good = listed(outcomes.filter(each => each.is === 'loaded').map(each => each.name));
  if (outcomes.some(each => each.is === 'cancelled')) {
    return { message: good ? `Cancelled after ${good}` : 'Cancelled: nothing was loaded', type: 'info' };
  }
  const reload = outcomes.find(each => each.is === 'reload');
  if (reload) return { message: `${reload.name}: ${reload.text ?? 'reload the page'}`, type: 'info' };
  const again = outcomes.length > 1 ? 'are loaded: run the cells that need them again' : 'is loaded: run the cells that need it again';
  const message = `${good} ${again}`;
  return { message: message.length > LONGEST_NOTICE ? `${outcomes.length} extensions ${again}` : message, type: 'success' };
}

/**
 * How far a copy is, for a person.
 *
 * @param {string} name
 * @param {number} done
 * @param {number} total
 */
export function copyMessage(name, done, total) {
  const percent = total > 0 ? Math.floor((100 * done) / total) : 0;
  const size = total < 1e5 ? `${Math.ceil(total / 1e3)} kB` : `${(total / 1e6).toFixed(1)} MB`;
  return `Copying ${name} from the kernel: ${percent}% of ${size}`;
}
