/** Sets up an OpenAI-compatible server: address, key, model, test call; stores only at the end. */
import * as vscode from 'vscode';
import { describeError } from '../engine/messages.ts';
import { createErrorView } from '../host/errors.ts';
import { parseBaseUrl, toHost } from '../shared/baseUrl.ts';
import { t } from '../host/l10n.ts';
import { askTextStep, pickStep, showInformation, showProgress, showWarning } from '../host/notify.ts';
import { readSettings } from '../host/settings.ts';
import type { ProviderConfig } from '../providers/provider.ts';
import type { Services } from '../services.ts';
import { walkServerSteps, type ServerDraft, type ServerSteps } from './serverSteps.ts';

const listMs = 20_000;
const testMs = 60_000;

/**
 * @param start initial address; `label` names the server, `help` tells where to get it or a key
 * @returns whether the server is set up
 */
export async function setUpServer(
  services: Services,
  start: {
    readonly baseUrl: string;
    readonly asksAddress: boolean;
    readonly needsKey: boolean;
    readonly label: string;
  },
): Promise<boolean> {
  const stored = await services.keys.resolve('openai-compatible', start.baseUrl).catch(() => undefined);
  const needsKey = start.needsKey && stored === undefined;
  const draft = await walkServerSteps(createSteps(services, start), { ...start, needsKey });
  if (draft === undefined) return false;
  if (draft.key !== '') await services.keys.set('openai-compatible', draft.baseUrl, draft.key);
  const settings = vscode.workspace.getConfiguration();
  const values = {
    'precis.openaiCompatible.baseUrl': draft.baseUrl,
    'precis.openaiCompatible.model': draft.model,
    'precis.provider': 'openai-compatible',
  };
  for (const [id, value] of Object.entries(values)) await settings.update(id, value, vscode.ConfigurationTarget.Global);
  void showInformation(t('Précis now uses {0} at {1}.', draft.model, toHost(draft.baseUrl)));
  return true;
}

function createSteps(services: Services, { label }: { readonly label: string }): ServerSteps {
  const title = t('Set Up {0}', label);
  return {
    askAddress: (before) =>
      askTextStep({
        title,
        step: 1,
        totalSteps: 3,
        value: before,
        prompt: t('Base URL of the server, usually ending in /v1'),
        validate: findAddressProblem,
      }),
    askKey: (baseUrl) =>
      askTextStep({
        title,
        step: 2,
        totalSteps: 3,
        password: true,
        back: true,
        prompt: t('Checked once with {0}, stored in VS Code’s secret storage, sent nowhere else.', toHost(baseUrl)),
        validate: (text) => (text.trim() === '' ? t('Enter a key.') : undefined),
      }),
    async pickModel(models, baseUrl) {
      const other = { icon: 'edit', label: t('Enter Model Name…'), name: '' };
      const items = [...models.map((name) => ({ label: name, name })), other];
      const step = { title: `${title} – ${toHost(baseUrl)}`, step: 3, totalSteps: 3 };
      const picked = await pickStep(items, step);
      if (picked === undefined || picked === 'back') return picked;
      if (picked.name !== '') return { text: picked.name };
      return askTextStep({ ...step, back: true, prompt: t('Name of the model'), validate: nameProblem });
    },
    async listModels(baseUrl, key) {
      const of = await services.models.definition('openai-compatible');
      const config = await createConfig(services, { baseUrl, key, model: '' });
      try {
        const models = await showProgress(
          {
            location: vscode.ProgressLocation.Notification,
            title: t('Précis: asking {0} for its models', toHost(baseUrl)),
          },
          () => of.listModels(config, AbortSignal.timeout(listMs)),
        );
        return models.map(({ id }) => id);
      } catch (error) {
        if (createErrorView(error, t).kind === 'auth' && config.apiKey === '') return 'needsKey';
        throw error;
      }
    },
    async testCall(draft) {
      const of = await services.models.definition('openai-compatible');
      const model = await of.create(await createConfig(services, draft));
      const call = {
        stage: 'ask',
        system: 'reply with one word',
        user: 'ready?',
        maxTokens: 64,
        effort: 'low',
        inputTokens: 16,
        reusable: false,
      } as const;
      await showProgress(
        { location: vscode.ProgressLocation.Notification, title: t('Précis: testing {0}', draft.model) },
        async () => {
          for await (const event of model.stream(call, AbortSignal.timeout(testMs))) if (event.type === 'text') return;
        },
      );
    },
    async tellProblem(error) {
      const change = t('Change');
      const anyway = t('Continue Anyway');
      const answer = await showWarning(createErrorView(error, t).message, change, anyway);
      return answer === change ? 'change' : answer === anyway ? 'continue' : undefined;
    },
  };
}

async function createConfig(services: Services, { baseUrl, key, model }: ServerDraft): Promise<ProviderConfig> {
  const of = await services.models.definition('openai-compatible');
  const settings = { ...readSettings(), 'precis.openaiCompatible.baseUrl': baseUrl };
  const config = await services.models.configOf({ ...of, needsKey: false }, settings, model);
  if (key === '') return config;
  services.log.hide(key);
  return { ...config, apiKey: key };
}

/** Returns why the address is refused; undefined if allowed. */
function findAddressProblem(text: string): string | undefined {
  const parsed = parseBaseUrl(text);
  if ('problem' in parsed) return describeError({ code: parsed.problem }, t);
  // a preset's placeholder such as {resource}
  if (/[{}]|%7[bd]/i.test(text)) return t('Replace the part in braces.');
  return parsed.exposed
    ? t('The address {0} is plain http: the key would be readable on its way. Use https.', parsed.host)
    : undefined;
}

function nameProblem(text: string): string | undefined {
  return text.trim() === '' ? t('Enter a name.') : undefined;
}
