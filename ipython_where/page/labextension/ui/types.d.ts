// For the type checker alone (`make page`); no page loads it.
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';

/** What JupyterLab shares with its extensions, by name. */
export interface SharedModules {
  '@jupyterlab/application': typeof import('@jupyterlab/application');
  '@jupyterlab/apputils': typeof import('@jupyterlab/apputils');
  '@jupyterlab/coreutils': typeof import('@jupyterlab/coreutils');
  '@jupyterlab/mainmenu': typeof import('@jupyterlab/mainmenu');
  '@jupyterlab/notebook': typeof import('@jupyterlab/notebook');
  '@jupyterlab/services': typeof import('@jupyterlab/services');
  '@jupyterlab/settingregistry': typeof import('@jupyterlab/settingregistry');
  '@jupyterlab/statusbar': typeof import('@jupyterlab/statusbar');
  '@jupyterlab/ui-components': typeof import('@jupyterlab/ui-components');
  '@lumino/signaling': typeof import('@lumino/signaling');
  '@lumino/widgets': typeof import('@lumino/widgets');
}

export interface SharedEntry {
  from: string;
  loaded?: number | boolean;
  get(): Promise<() => any>;
}
export type Scope = Record<string, Record<string, SharedEntry> | undefined>;
export type GetShared = <Name extends keyof SharedModules>(name: Name) => Promise<SharedModules[Name]>;

export interface Container {
  init(scope: Scope): unknown;
  get(name: string): Promise<() => any>;
}

/** The modules that this extension uses, once they are here. */
export interface Lab {
  application: SharedModules['@jupyterlab/application'];
  apputils: SharedModules['@jupyterlab/apputils'];
  coreutils: SharedModules['@jupyterlab/coreutils'];
  notebook: SharedModules['@jupyterlab/notebook'];
  services: SharedModules['@jupyterlab/services'];
  signaling: SharedModules['@lumino/signaling'];
  ui: SharedModules['@jupyterlab/ui-components'];
  widgets: SharedModules['@lumino/widgets'];
}

/** What an interpreter says of one of its extensions. */
export interface KernelExtension {
  name: string;
  version: string | null;
  bytes: number;
  distribution: string | null;
  distribution_version: string | null;
  server: string[];
  switches_off: boolean;
  needs: string[];
}

/** What an interpreter says of itself. */
export interface KernelPlace {
  host: string;
  prefix: string;
  executable: string;
  version: string;
  home: string | null;
  pip: string | null;
  pip_is_here: boolean | null;
  extensions: KernelExtension[];
  problems: string[];
}

export interface ServerPlace {
  host: string;
  prefix: string;
  version: string;
  python: string;
  ipython_where: string;
}

export interface PageExtension {
  name: string;
  version: string | null;
  from: 'server' | 'kernel' | null;
  loaded: boolean;
}

export interface Verdict {
  name: string;
  version: string;
  verdict: 'offer' | 'there' | 'other version' | 'refused' | 'off';
  reason: string | null;
  hint: string | null;
  page_version: string | null;
}

/** The answer to `GET page`. */
export interface AboutServer {
  server: ServerPlace;
  extensions: { name: string; version: string; from: 'server' | 'kernel' }[];
  source: string;
}

/** The answer to `POST kernels/ID/judge`. */
export interface Judgement {
  local: boolean;
  reason?: string | null;
  verdicts: Verdict[];
}

/** What the page needs to load an extension. */
export interface ReadyExtension {
  name: string;
  version?: string;
  load?: string;
  extension?: string;
  mimeExtension?: string;
  style?: string;
}

/** An extension whose code is in the page, before its plugins are activated. */
export interface Prepared {
  ready: ReadyExtension;
  plugins: JupyterFrontEndPlugin<unknown>[];
  renderers: IRenderMime.IExtension[];
}

/** An extension to be taken; the version that was chosen, or null for the one that the kernel has. */
export interface Wanted {
  name: string;
  version: string | null;
}

export interface Refusal {
  name: string;
  reason: string | null;
  hint: string | null;
}

/** A line of the answer to `POST kernels/ID/load`. */
export interface LoadLine {
  copying?: string;
  done?: number;
  total?: number;
  ready?: ReadyExtension;
  refused?: Refusal;
  error?: string;
  end?: true;
}

/** What is known of a kernel. */
export type KernelState =
  | { is: 'asking' }
  | { is: 'other language'; language: string }
  | { is: 'no server side' }
  | { is: 'unanswered'; why: string }
  | { is: 'known'; place: KernelPlace; judgement: Judgement | null; why: string | null };

/** What a kernel was asked by `%where`, and has said. */
export type WhereAnswer =
  | { is: 'asked'; isBusy: boolean }
  | { is: 'answer'; shown: HTMLElement } // one element, so that what was unfolded in it stays so
  | { is: 'missing' }
  | { is: 'failed'; why: string };

/** How the load of one extension ended. */
export interface Outcome {
  name: string;
  version: string | null;
  is: 'loaded' | 'waiting' | 'failed' | 'reload' | 'refused' | 'cancelled';
  text: string | null;
  hint: string | null;
}

export interface Settings {
  notify: boolean;
  statusBar: boolean;
  onClick: 'menu' | 'off';
  never: string[];
}

export interface Row {
  name: string;
  version: string;
  from: string;
  state: string;
  hint: string | null;
  actions: ('use' | 'remove')[];
}

export type App = JupyterFrontEnd;
export type Tracker = INotebookTracker;

declare global {
  interface Window {
    _JUPYTERLAB?: Record<string, Container>;
  }
}
