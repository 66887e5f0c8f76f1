/**
 * What this page has, and what the server would give to the next one.
 *
 * @import { AboutServer, App, Lab, PageExtension, Verdict } from './types'
 * @import { Server } from './server.js'
 */
import { isLoaded } from './loader.js';
import { pageExtensions } from './offer.js';

export class Page {
  /** @param {App} app @param {Lab} lab @param {Server} server */
  constructor(app, lab, server) {
    this._app = app;
    this._config = lab.coreutils.PageConfig;
    this._server = server;
    /** @type {Map<string, { version: string | null, from: 'server' | 'kernel' | null }>} */
    this._loaded = new Map();
    /** @type {Promise<AboutServer | null> | null} */
    this._asked = null;
    /** @type {AboutServer | null} */
    this.about = null;
  }

  /** What the server says, asked once a page; null if the server lacks this package's side, which it tells in its page. */
  async meet() {
    if (!this._config.getOption('ipythonWhere')) return null;
    this._asked ??= this.refresh().catch(error => {
      this._asked = null; // the next one may get through
      throw error;
    });
    return this._asked;
  }

  /** Ask the server again. @returns {Promise<AboutServer>} */
  async refresh() {
    this.about = await this._server.about();
    for (const { name, version, from } of this.about.extensions) {
      if (isLoaded(name) && !this._loaded.has(name)) this._loaded.set(name, { version, from });
    }
    const listed = new Map(this.about.extensions.map(each => [each.name, each.from]));
    for (const [name, each] of this._loaded) this._loaded.set(name, { ...each, from: listed.get(name) ?? null });
    return this.about;
  }

  /** @returns {PageExtension[]} */
  get extensions() {
    return pageExtensions(this.about?.extensions ?? [], this._loaded);
  }

  /** The loaded version of an extension; undefined if none is loaded. @param {string} name */
  loadedVersion(name) {
    return this._loaded.get(name)?.version;
  }

  /** Remember what was loaded after the page began. @param {string} name @param {string | null} version */
  add(name, version) {
    this._loaded.set(name, { version, from: 'kernel' });
  }

  /** Forget it, since it was not activated. @param {string} name */
  drop(name) {
    this._loaded.delete(name);
  }

  /**
   * The page, as a kernel is told of it.
   *
   * @param {string} client
   * @param {readonly Verdict[]} verdicts
   */
  describe(client, verdicts) {
    const { name, version } = this._app;
    const server = this.about?.server ?? null;
    return { client, application: name, version, server, extensions: this.extensions, verdicts };
  }
}
