/** Informs users of 0.1.0 once that a cheaper sibling of their model now reads by default. */
import * as vscode from 'vscode';
import { showInformation } from '../host/notify.ts';
import { t } from '../host/l10n.ts';

const stateKey = 'precis.readerNotice';

/** Announces that a cheaper model reads the parts. */
export interface ReaderNotice {
  /** Shows the notice if it is due. Call it only for a run whose default reader is not the writer. */
  show(reader: string, writer: string): void;
}

/** Call it before other writes to the state: an empty state belongs to a new user, who needs no notice. */
export function createReaderNotice(state: Pick<vscode.Memento, 'get' | 'update' | 'keys'>): ReaderNotice {
  const isNew = state.keys().length === 0;
  if (isNew) void state.update(stateKey, 'new');
  return {
    show(reader, writer) {
      if (isNew || state.get(stateKey) !== undefined) return;
      void state.update(stateKey, 'shown');
      const change = t('Change…');
      void showInformation(
        t(
          'Large texts are now read with {0} and written with {1}, which costs much less. Set “mapModel” to “same” to read with {1} too.',
          reader,
          writer,
        ),
        change,
      ).then((answer) =>
        answer === change
          ? vscode.commands.executeCommand('workbench.action.openSettings', 'precis mapModel')
          : undefined,
      );
    },
  };
}
