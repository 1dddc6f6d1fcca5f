// Puts the drawing of the house into ARCHITECTURE.md: `node --import tsx test/unit/architecture/redraw.ts`.
import { readFileSync, writeFileSync } from 'node:fs';
import { drawing, drawnIn } from './drawing.ts';

const page = 'ARCHITECTURE.md';
const text = readFileSync(page, 'utf8');
writeFileSync(page, text.replace(drawnIn(text), drawing()));
