/** A deliberate fault in the sound template, and how one is made. */
import type { Properties } from '../../../lib/checks/template.ts';
import type { EditableTemplate } from './sound-values.ts';

type Resource = EditableTemplate['Resources'][string];
export type Fault = [
  title: string,
  logicalId: string,
  damage: (properties: Properties, resource: Resource) => void,
];
/** By the check that sees them, and no other does. */
export type Faults = Record<string, Fault[]>;

export const set = (changes: Properties) => (properties: Properties) =>
  void Object.assign(properties, changes);
/** Changes the first item of a list. */
export const setFirst = (list: string, changes: Properties) => (properties: Properties) =>
  void Object.assign(properties[list][0], changes);
export const statement = (changes: Properties) => (properties: Properties) =>
  void Object.assign(properties.PolicyDocument.Statement[0], changes);
export const allowing = (grant: Properties) => (properties: Properties) =>
  void properties.PolicyDocument.Statement.push({ Effect: 'Allow', ...grant });
