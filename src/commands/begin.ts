import type * as vscode from 'vscode';
import type { SummaryResult } from '../engine/events.ts';
import type { Source } from '../engine/source.ts';
import type { ActiveRun } from '../runs/activeRun.ts';
import type { SummaryTarget } from '../runs/target.ts';
import type { UsedTemplate } from '../runs/templates/template.ts';
import type { Services } from '../services.ts';

/** A run that a command starts. */
export interface Begin {
  readonly target: SummaryTarget;
  readonly title: string;
  readonly scope?: vscode.Uri;
  readonly interactive: boolean;
  readonly template?: UsedTemplate;
  readonly read?: (signal: AbortSignal) => Promise<Source>;
}

const begun = new WeakMap<ActiveRun, Promise<SummaryResult>>();

/** Starts a summary, or shows the one of the same target that is running. */
export function begin(services: Services, what: Begin): Promise<SummaryResult> {
  const twin = what.interactive ? running(services, what) : undefined;
  if (twin) {
    services.panels.show(twin.run, { focus: true });
    return twin.result;
  }
  let run: ActiveRun | undefined;
  const result = services.runs.start({
    target: what.target,
    title: what.template ? `${what.title} · ${what.template.name}` : what.title,
    read: what.read ?? ((signal) => services.resolve(what.target, signal)),
    ...(what.scope ? { scope: what.scope } : {}),
    ...(what.template ? { template: what.template } : {}),
    interactive: what.interactive,
    show: true,
    onRun: (one) => (run = one),
  });
  if (run) begun.set(run, result);
  return result;
}

function running(
  services: Services,
  { target, template }: Begin,
): { readonly run: ActiveRun; readonly result: Promise<SummaryResult> } | undefined {
  if (target.kind === 'clipboard' || target.kind === 'terminal' || target.kind === 'text') return undefined;
  const same = JSON.stringify(target);
  const run = services.runs.running.find(
    ({ state }) => JSON.stringify(state.target) === same && state.template?.id === template?.id,
  );
  const result = run && begun.get(run);
  return run && result && { run, result };
}
