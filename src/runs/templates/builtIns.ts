/** Templates that come with Précis. Names are translated; only models read the instructions. */
import { t } from '../../host/l10n.ts';
import type { Template, UsedTemplate } from './template.ts';

/** Returns the built-in templates in display order. */
export function builtInTemplates(): readonly Template[] {
  return [
    {
      id: 'tldr',
      name: 'TL;DR',
      description: t('The gist in three sentences'),
      length: 'brief',
      kinds: [],
      instructions: 'At most three short sentences: what it is, what matters most, what follows from it. No headings.',
    },
    {
      id: 'release-notes',
      name: t('Release Notes'),
      description: t('Changes for users, grouped into added, changed, fixed'),
      kinds: ['diff', 'code', 'markdown'],
      instructions:
        'Write release notes for users. Group under Added, Changed, Fixed, Removed and Security; leave out empty groups. ' +
        'One line a change, in terms of what users notice. Mark breaking changes. Leave out refactoring and tests.',
    },
    {
      id: 'manager',
      name: t('For a Manager'),
      description: t('Outcome, cost, dates and decisions, without jargon'),
      kinds: [],
      instructions:
        'Write for a manager without technical knowledge: result first, then effect on cost, dates and risk, ' +
        'then decisions that are needed and by whom. No jargon, no code.',
    },
    {
      id: 'risks',
      name: t('Risks'),
      description: t('What can go wrong, how bad and how likely'),
      kinds: [],
      instructions:
        'List risks, open questions, contradictions and missing safeguards, worst first. For each: what can happen, ' +
        'what in the text shows it, how severe. Only what the text supports; say so if there is none.',
    },
    {
      id: 'minutes',
      name: t('Meeting Minutes'),
      description: t('Decisions, tasks with owner and date, open points'),
      kinds: ['transcript', 'prose', 'markdown'],
      instructions:
        'Write minutes: people present, decisions, tasks with owner and due date, open points. ' +
        'Name who said what only where it matters for a decision.',
    },
    {
      id: 'newcomer',
      name: t('Explain to a Newcomer'),
      description: t('Purpose, terms and where to start reading'),
      kinds: [],
      instructions:
        'Explain to somebody new to the project: purpose, main parts and how they fit, the terms that are needed with ' +
        'a plain definition each, where to start reading. Assume no knowledge of the project.',
    },
  ];
}

const plainMessage =
  'Write a Git commit message. First line: what the change does, in the imperative, at most 60 characters, no full stop. ' +
  'Then an empty line and at most five short lines on why and what follows, only if it is not obvious. ' +
  'Plain text without headings.';
const conventionalMessage =
  'Write a Git commit message as Conventional Commits says. First line: type(scope): subject, with one of feat, fix, docs, ' +
  'refactor, perf, test, build, ci, chore; the scope only if it is clear; imperative, at most 72 characters, no full stop. ' +
  'Then an empty line and at most five short lines on why, only if it is not obvious. A breaking change gets ! and a line ' +
  'BREAKING CHANGE: with what to do. Plain text without headings.';
const pullRequest =
  'Write the description of a pull request: one paragraph on what changes and why, then a list of the changes that a ' +
  'reviewer has to look at, then how it was or can be tested, then risks. Leave out parts that the changes say nothing about.';

/** Returns the template of a commit message; `conventional` follows Conventional Commits. */
export function commitTemplate(conventional: boolean): UsedTemplate {
  const instructions = conventional ? conventionalMessage : plainMessage;
  return { id: 'commit-message', name: t('Commit Message'), length: 'brief', instructions };
}

/** Returns the template of a pull request's description. */
export function pullRequestTemplate(): UsedTemplate {
  return { id: 'pull-request', name: t('Pull Request'), instructions: pullRequest };
}
