// The module federation container that JupyterLab expects of a prebuilt extension, written by hand: what it hands out are
// ordinary ES modules beside it, so nothing has to be built.
(() => {
  const here = /** @type {HTMLScriptElement} */ (document.currentScript).src; // only known while this script runs
  /** @type {import('./types').Scope} */
  let scope = {};

  const containers = (window._JUPYTERLAB ??= {});
  containers['ipython-where'] = {
    init(given) {
      scope = given;
    },
    async get(name) {
      if (name === './style') {
        const href = new URL('style.css', here).href;
        document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href }));
        return () => ({});
      }
      const { makePlugins } = await import(new URL('index.js', here).href);
      const plugins = await makePlugins(scope);
      return () => ({ __esModule: true, default: plugins });
    },
  };
})();
