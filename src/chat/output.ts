import * as vscode from 'vscode';
import type { CitationReady, RunEvent } from '../engine/events.ts';
import { isOne, number } from '../host/plural.ts';
import { t } from '../host/l10n.ts';
import { toPlainText } from '../host/plainText.ts';
import { neutralizeLinks } from '../shared/inertMarkdown.ts';

interface ChatWriter {
  event(event: RunEvent): void;
  end(): void;
}

const mark = /\[(\d{1,5})\]/g;

/** Writes whole lines only, so marks and images are never split. */
export function createChatWriter(stream: vscode.ChatResponseStream): ChatWriter {
  const citations = new Map<number, CitationReady>();
  const cited = new Set<string>();
  let held = '';
  let parts = 0;

  const write = (text: string): void => {
    let from = 0;
    for (const match of text.matchAll(mark)) {
      const citation = citations.get(Number(match[1]));
      if (!citation?.uri) continue;
      plain(text.slice(from, match.index));
      const uri = vscode.Uri.parse(citation.uri);
      const range = new vscode.Range(citation.startLine - 1, 0, citation.endLine - 1, 0);
      stream.anchor(new vscode.Location(uri, range), `[${citation.id}]`);
      if (!cited.has(citation.uri)) stream.reference(uri);
      cited.add(citation.uri);
      from = match.index + match[0].length;
    }
    plain(text.slice(from));
  };
  const plain = (text: string): void => {
    if (text) stream.markdown(neutralizeLinks(text));
  };
  return {
    event(event) {
      switch (event.type) {
        case 'plan':
          stream.progress(describeReading(event.lines, event.map));
          return;
        case 'call-end':
          if (event.stage === 'map' && event.outcome === 'done' && ++parts % 4 === 0)
            stream.progress(t('{0} parts read', parts));
          return;
        case 'wait':
          if (event.waitMs > 10_000)
            stream.progress(t('waiting {0} s for the provider', Math.round(event.waitMs / 1000)));
          return;
        case 'notice':
          if (event.code === 'language') stream.markdown(`*${toPlainText(event.message)}*\n\n`);
          return;
        case 'citation':
          citations.set(event.id, event);
          return;
        case 'restart':
          held = '';
          stream.markdown(`\n\n*${t('The answer was interrupted and starts again.')}*\n\n`);
          return;
        case 'delta': {
          held += event.text;
          const cut = held.lastIndexOf('\n') + 1;
          if (cut) write(held.slice(0, cut));
          held = held.slice(cut);
          return;
        }
        default:
          return;
      }
    },
    end() {
      write(held);
      held = '';
    },
  };
}

function describeReading(lines: number, parts: number): string {
  const one = isOne(lines);
  return parts > 1
    ? t(one ? 'Reading {0} line in {1} parts' : 'Reading {0} lines in {1} parts', number(lines), number(parts))
    : t(one ? 'Reading {0} line' : 'Reading {0} lines', number(lines));
}
