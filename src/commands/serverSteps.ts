/** `back` returns to the previous step, undefined cancels. */
export type StepAnswer<T> = T | 'back' | undefined;

/** Server configuration before it is stored. */
export interface ServerDraft {
  readonly baseUrl: string;
  /** '' if none is needed. */
  readonly key: string;
  readonly model: string;
}

/** Prompts and calls of the setup. */
export interface ServerSteps {
  askAddress(before: string): Promise<StepAnswer<{ readonly text: string }>>;
  askKey(baseUrl: string): Promise<StepAnswer<{ readonly text: string }>>;
  pickModel(models: readonly string[], baseUrl: string): Promise<StepAnswer<{ readonly text: string }>>;
  /**
   * Models of the server; `needsKey` if listing needs a key.
   * @throws if unreachable
   */
  listModels(baseUrl: string, key: string): Promise<readonly string[] | 'needsKey'>;
  /**
   * One short call.
   * @throws if it fails
   */
  testCall(draft: ServerDraft): Promise<void>;
  /**
   * Reports a step's error.
   * @returns what to do next; undefined cancels
   */
  tellProblem(error: unknown): Promise<'change' | 'continue' | undefined>;
}

/**
 * Walks through address, key (if needed), model and test call.
 * @param start a preset's address skips the first step
 * @returns undefined if cancelled
 */
export async function walkServerSteps(
  steps: ServerSteps,
  start: { readonly baseUrl: string; readonly asksAddress: boolean; readonly needsKey: boolean },
): Promise<ServerDraft | undefined> {
  let draft: ServerDraft = { baseUrl: start.baseUrl, key: '', model: '' };
  let step: 'address' | 'key' | 'model' | 'test' = start.asksAddress ? 'address' : start.needsKey ? 'key' : 'model';
  let askedKey = start.needsKey;
  for (;;) {
    if (step === 'address') {
      const answer = await steps.askAddress(draft.baseUrl);
      if (answer === undefined || answer === 'back') return undefined;
      if (answer.text !== draft.baseUrl) askedKey = start.needsKey;
      draft = { ...draft, baseUrl: answer.text, ...(askedKey ? {} : { key: '' }) };
      step = askedKey ? 'key' : 'model';
    } else if (step === 'key') {
      const answer = await steps.askKey(draft.baseUrl);
      if (answer === undefined || (answer === 'back' && !start.asksAddress)) return undefined;
      if (answer === 'back') step = 'address';
      else {
        draft = { ...draft, key: answer.text };
        step = 'model';
      }
    } else if (step === 'model') {
      const models = await steps.listModels(draft.baseUrl, draft.key).catch(async (error: unknown) => ({
        next: await steps.tellProblem(error),
      }));
      if (models === 'needsKey') {
        askedKey = true;
        step = 'key';
        continue;
      }
      if ('next' in models) {
        if (models.next === undefined) return undefined;
        if (models.next === 'change') {
          step = askedKey && !start.asksAddress ? 'key' : 'address';
          continue;
        }
      }
      const answer = await steps.pickModel('next' in models ? [] : models, draft.baseUrl);
      if (answer === undefined) return undefined;
      if (answer === 'back') {
        if (!askedKey && !start.asksAddress) return undefined;
        step = askedKey ? 'key' : 'address';
      } else {
        draft = { ...draft, model: answer.text };
        step = 'test';
      }
    } else {
      try {
        await steps.testCall(draft);
        return draft;
      } catch (error) {
        const next = await steps.tellProblem(error);
        if (next === undefined) return undefined;
        if (next === 'continue') return draft;
        step = 'model';
      }
    }
  }
}
