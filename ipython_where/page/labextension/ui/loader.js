/**
 * Loads a prebuilt extension into the page that is open, as JupyterLab does when a page begins.
 *
 * JupyterLab has no function for this: it hands the share scope to each extension once, at the start. The steps are those of
 * its own `bootstrap.js` and `index.js`.
 *
 * @import { App, Container, Lab, Outcome, Prepared, ReadyExtension, Scope } from './types'
 * @import { JupyterFrontEndPlugin } from '@jupyterlab/application'
 * @import { Open } from './open.js'
 */

/** Whether the page has loaded an extension of that name, whenever that was. @param {string} name */
export function isLoaded(name) {
  return window._JUPYTERLAB?.[name] !== undefined;
}

/** @param {string} url @returns {Promise<void>} */
function runScript(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    Object.assign(script, { src: url, async: true, onload: () => resolve() });
    script.onerror = () => {
      script.remove();
      reject(new Error(`\`${url}\` can't be loaded`));
    };
    document.head.append(script);
  });
}

/** A module's default export, as a list. @param {any} module @returns {any[]} */
export function exportsOf(module) {
  const found = Object.hasOwn(module, '__esModule') ? module.default : module;
  return Array.isArray(found) ? found : [found];
}

/** The module that an extension takes from another one, and that nothing provides, from the container's own words. @param {string} error */
export function missingModule(error) {
  return /Shared module (\S+) doesn't exist/.exec(error)?.[1] ?? null;
}

export class Loader {
  /** @param {App} app @param {Lab} lab @param {Scope} scope @param {Open} open */
  constructor(app, lab, scope, open) {
    this._app = app;
    this._lab = lab;
    this._scope = scope;
    this._open = open;
  }

  /**
   * Load the code of an extension that the server serves. Whatever goes wrong in it is an outcome; one that waits for another
   * can be tried again.
   *
   * @param {ReadyExtension} ready
   * @returns {Promise<Outcome | Prepared>}
   */
  async prepare(ready) {
    const { name, version = null } = ready;
    const outcome = { name, version, text: null, hint: null };
    if (isLoaded(name)) {
      return { ...outcome, is: 'reload', text: 'another version is loaded; reload the page to replace it' };
    }
    if (!ready.load) return { ...outcome, is: 'reload', text: 'the server has it now; reload the page to load it' };
    try {
      return await this._load(ready, ready.load);
    } catch (error) {
      this.discard(name);
      const text = error instanceof Error ? error.message : String(error);
      const module = missingModule(text);
      if (module === null) return { ...outcome, is: 'failed', text };
      return { ...outcome, is: 'waiting', text: `it takes \`${module}\` from another extension, which is not loaded` };
    }
  }

  /** Forget the code of an extension: none of its plugins is there yet, so that nothing is twice if it is tried again. @param {string} name */
  discard(name) {
    delete window._JUPYTERLAB?.[name];
  }

  /**
   * Activate extensions, one right after the other: widgets that are on the page already look for all of them at once.
   *
   * @param {readonly Prepared[]} prepared
   * @returns {Promise<Outcome[]>}
   */
  async activate(prepared) {
    const { isDisabled } = this._lab.coreutils.PageConfig.Extension;
    const wanted = prepared.map(each => each.plugins.filter(plugin => plugin && !this._app.hasPlugin(plugin.id) && !isDisabled(plugin.id)));
    const unregistered = wanted.map(plugins => this._register(plugins)); // all first, since they may require each other
    const bringIn = this._open.remember();
    const outcomes = [];
    for (const [i, { ready }] of prepared.entries()) {
      const text = unregistered[i] ?? ((await this._start(wanted[i] ?? [])).join('; ') || null);
      const is = /** @type {Outcome['is']} */ (text ? 'failed' : 'loaded');
      outcomes.push({ name: ready.name, version: ready.version ?? null, is, text, hint: null });
    }
    bringIn(prepared.flatMap(each => each.renderers));
    return outcomes;
  }

  /** @param {ReadyExtension} ready @param {string} script @returns {Promise<Prepared>} */
  async _load(ready, script) {
    const { PageConfig, URLExt } = this._lab.coreutils;
    await runScript(URLExt.join(PageConfig.getOption('fullLabextensionsUrl'), ready.name, script));
    const container = window._JUPYTERLAB?.[ready.name];
    if (!container) throw new Error(`\`${script}\` defines no extension of this name`);
    await container.init(this._scope);
    const plugins = ready.extension ? exportsOf(await this._module(container, ready, ready.extension)) : [];
    const mime = ready.mimeExtension ? await this._module(container, ready, ready.mimeExtension) : null;
    if (mime) plugins.push(...this._lab.application.createRendermimePlugins([mime]));
    if (ready.style) await this._module(container, ready, ready.style);
    return { ready, plugins, renderers: mime ? exportsOf(mime) : [] };
  }

  /** @param {Container} container @param {ReadyExtension} ready @param {string} name */
  async _module(container, ready, name) {
    const module = (await container.get(name))();
    module.__scope__ = ready.name; // JupyterLab's plugin manager shows it
    return module;
  }

  /** @param {readonly JupyterFrontEndPlugin<unknown>[]} plugins @returns {string | null} why they can't be */
  _register(plugins) {
    try {
      this._app.registerPlugins(/** @type {any[]} */ (plugins));
      return null;
    } catch (error) {
      console.error(error);
      return `its plugins can't be registered: ${error instanceof Error ? error.message : error}`;
    }
  }

  /** @param {readonly JupyterFrontEndPlugin<unknown>[]} plugins @returns {Promise<string[]>} what failed */
  async _start(plugins) {
    const failed = [];
    for (const plugin of plugins) {
      if (!plugin.autoStart) continue; // it provides something, and is activated with the first that needs it
      try {
        await this._app.activatePlugin(plugin.id);
      } catch (error) {
        console.error(error);
        failed.push(`\`${plugin.id}\` failed: ${error instanceof Error ? error.message : error}`);
      }
    }
    return failed;
  }
}
