/** One file summarized in a real VS Code, as a person does it: open it, run the command from the palette, read the panel. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { startHost, type Host, type HostOptions } from './host.ts';
import { readPanel, type PanelText } from './panelPage.ts';
import { until } from './wait.ts';
import { dialog, findPanel, notifications, whenEditorShows } from './window.ts';

export const commandTitle = 'Précis: Summarize File';

export interface Summarized {
  readonly ok: boolean;
  readonly text: string;
  /** What went wrong, as a person reads it. */
  readonly message?: string;
  readonly facts: string;
}

export interface SummarizeOptions extends HostOptions {
  readonly file: string;
  readonly screenshot?: string;
  /** Called whenever the panel shows something else; the last line may still change. */
  readonly onText?: (text: string) => void;
  /** Goes on when VS Code asks whether so much may be sent. */
  readonly yes?: boolean;
  readonly limitMs?: number;
}

/** Starts VS Code with the file open, summarizes, takes the picture, ends VS Code. */
export async function summarizeFile(options: SummarizeOptions): Promise<Summarized> {
  await using host = await startHost({ folder: dirname(options.file), ...options });
  await whenEditorShows(host.page, options.file.split(/[\\/]/).at(-1) ?? '');
  await host.runCommand(commandTitle);
  const result = await followed(host, options);
  if (options.screenshot) {
    mkdirSync(dirname(options.screenshot), { recursive: true });
    await host.screenshot(options.screenshot);
  }
  return result;
}

async function followed(host: Host, options: SummarizeOptions): Promise<Summarized> {
  let shown = '';
  return until(
    'the summary',
    async () => {
      const asked = await refusedQuestion(host, options.yes ?? false);
      if (asked) return { ok: false, text: shown, message: asked, facts: '' };
      const frame = await findPanel(host.page, 'precis.precis');
      const panel = await (frame ? readPanel(frame) : undefined);
      if (!panel) return errorToast(host, shown);
      if (panel.text !== shown) {
        // The page draws in frames: what has just changed may change again.
        shown = panel.text;
        options.onText?.(shown);
        return false;
      }
      return panel.phase === 'ended' ? ended(panel) : false;
    },
    options.limitMs ?? 30 * 60_000,
  );
}

function ended(panel: PanelText): Summarized {
  const ok = panel.error === undefined && panel.text !== '';
  const message = ok ? undefined : (panel.error ?? panel.status);
  return { ok, text: panel.text, facts: panel.facts, ...(message ? { message } : {}) };
}

/** A failure that opened no panel is told by a notification alone. */
async function errorToast(host: Host, text: string): Promise<Summarized | false> {
  const [worst] = (await notifications(host.page)).filter((one) => one.severity !== 'info');
  return worst ? { ok: false, text, message: worst.text, facts: '' } : false;
}

async function refusedQuestion(host: Host, yes: boolean): Promise<string | undefined> {
  const box = dialog(host.page);
  if ((await box.text.count()) === 0) return undefined;
  const text = (await box.text.innerText()).replace(/\s+/g, ' ').trim();
  if (await box.isError()) return text;
  // the command line names the provider: that is the consent which the window asks for
  if (/remembered for this host/.test(text)) {
    await box.firstButton.click();
    return undefined;
  }
  if (!yes) return `${text} (Run it with --yes to go on.)`;
  await box.firstButton.click();
  return undefined;
}
