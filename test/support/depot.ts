/** Folders whose files begin with the same licence header. */
import type { Source, SourcePart } from '../../src/engine/source.ts';

export const licence = (year: number, name: string): string => `/*
 * ${name} - part of the depot
 *
 * Copyright (c) ${year} The Depot Authors. All rights reserved.
 * Licensed under the Apache License, Version 2.0; you may not use this file
 * except in compliance with the License.
 */
`;
/** Lines of `licence`. */
export const headerLines = 7;

export function folder(files: Readonly<Record<string, SourcePart['text']>>, shape: Source['shape'] = 'folder'): Source {
  const parts = Object.entries(files).map(([title, text]) => ({
    title,
    uri: `file:///w/${title}`,
    startLine: 1,
    text,
  }));
  return { title: 'depot', parts, skipped: [], shape };
}
