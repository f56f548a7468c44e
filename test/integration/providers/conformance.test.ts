import { adapters } from '../../support/adapters.ts';
import { conforms } from '../../support/conformance.ts';

for (const [name, adapter] of Object.entries(adapters)) {
  conforms(name, adapter);
}
