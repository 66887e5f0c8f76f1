/**
 * The modules that JupyterLab shares with its extensions.
 *
 * @import { GetShared, Lab, Scope } from './types'
 */

const CORE = /CORE_|application-top/;

/**
 * JupyterLab's own copy of a module. Other extensions add copies, and the newest may be one of theirs, which JupyterLab's own
 * objects would not fit.
 *
 * @param {Scope} scope
 * @returns {GetShared}
 */
export function sharedFrom(scope) {
  return async name => {
    const copies = Object.values(scope[name] ?? {});
    const copy = copies.find(each => CORE.test(each.from)) ?? copies.find(each => each.loaded) ?? copies[0];
    if (!copy) throw new Error(`this application does not share \`${name}\``);
    return (await copy.get())();
  };
}

/** @param {GetShared} shared @returns {Promise<Lab>} */
export async function labFrom(shared) {
  const [application, apputils, coreutils, notebook, services, signaling, ui, widgets] = await Promise.all([
    shared('@jupyterlab/application'),
    shared('@jupyterlab/apputils'),
    shared('@jupyterlab/coreutils'),
    shared('@jupyterlab/notebook'),
    shared('@jupyterlab/services'),
    shared('@lumino/signaling'),
    shared('@jupyterlab/ui-components'),
    shared('@lumino/widgets'),
  ]);
  return { application, apputils, coreutils, notebook, services, signaling, ui, widgets };
}
