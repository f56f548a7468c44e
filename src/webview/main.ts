/** Page entry: validates incoming messages, posts outgoing ones. */
import * as v from 'valibot';
import { parseToPanel } from '../shared/schema.ts';
import { createPage } from './page.ts';
import './styles/base.css';
import './styles/run.css';
import './styles/summary.css';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

const vscode = acquireVsCodeApi();
const savedSchema = v.object({ runId: v.string(), scroll: v.number(), outlineOpen: v.boolean() });
const root = document.getElementById('precis');
if (root === null) throw new Error('the page has no place for the panel');

const page = createPage(root, {
  send: (message) => vscode.postMessage(message),
  saved: () => {
    const parsed = v.safeParse(savedSchema, vscode.getState());
    return parsed.success ? parsed.output : undefined;
  },
  save: (state) => vscode.setState(state),
  now: () => performance.now(),
  date: () => Date.now(),
  frame: (then) => void requestAnimationFrame(then),
});

window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  const message = parseToPanel(data);
  if (message.type === 'problem') console.warn(`Précis: a message was dropped: ${message.problem}`);
  else page.receive(message);
});
vscode.postMessage({ type: 'ready' });
