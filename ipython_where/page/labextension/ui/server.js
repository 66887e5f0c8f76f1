/**
 * This package's side of the Jupyter server, over REST.
 *
 * @import { ServerConnection } from '@jupyterlab/services'
 * @import { AboutServer, Judgement, KernelExtension, LoadLine, Wanted } from './types'
 */

/**
 * The values in a stream of lines of JSON, each as soon as its line has come.
 *
 * @param {ReadableStream<Uint8Array>} stream
 * @returns {AsyncGenerator<any>}
 */
export async function* jsonLines(stream) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += decoder.decode(value, { stream: !done });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line) yield JSON.parse(line);
      if (done) break;
    }
    if (rest) yield JSON.parse(rest);
  } finally {
    void reader.cancel().catch(() => {}); // a stream that was aborted says so again
  }
}

/** The path of an extension: a scope's slash separates it as in a folder. @param {string} name */
export function pathOf(name) {
  return name.split('/').map(encodeURIComponent).join('/');
}

export class Server {
  /**
   * @param {typeof ServerConnection} connection
   * @param {(...parts: string[]) => string} join
   */
  constructor(connection, join) {
    this._connection = connection;
    this._join = join;
  }

  /** The server, its extensions, and the source that asks a kernel. @returns {Promise<AboutServer>} */
  async about() {
    return (await this._request('page', { cache: 'no-store' })).json();
  }

  /**
   * Which of a kernel's extensions the page may have.
   *
   * @param {string} kernel
   * @param {KernelExtension[]} extensions
   * @returns {Promise<Judgement>}
   */
  async judge(kernel, extensions) {
    const body = JSON.stringify({ extensions });
    return (await this._request(`kernels/${kernel}/judge`, { method: 'POST', body })).json();
  }

  /**
   * Let the server take extensions from a kernel; `signal` ends it.
   *
   * @param {string} kernel
   * @param {readonly Wanted[]} wanted
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<LoadLine>}
   */
  async *load(kernel, wanted, signal) {
    const chosen = wanted.filter(each => each.version !== null).map(each => [each.name, each.version]);
    const body = JSON.stringify({ names: wanted.map(each => each.name), versions: Object.fromEntries(chosen) });
    const response = await this._request(`kernels/${kernel}/load`, { method: 'POST', body, signal });
    if (response.body) yield* jsonLines(response.body);
  }

  /** Take away what came from a kernel. @param {string} name */
  async remove(name) {
    await this._request(`extensions/${pathOf(name)}`, { method: 'DELETE' });
  }

  /** @param {string} path @param {RequestInit} init */
  async _request(path, init) {
    const settings = this._connection.makeSettings();
    const url = this._join(settings.baseUrl, 'ipython-where/api', path);
    const response = await this._connection.makeRequest(url, init, settings);
    if (response.ok) return response;
    const said = await response.json().catch(() => ({}));
    const message = said.message || `the server answered ${response.status}`;
    throw new Error(String(message));
  }
}
