import * as pulumi from '@pulumi/pulumi';
import { prepareAccount } from './account.ts';

/** The program that `pulumi up` runs in this folder. What it exports are the outputs of the stack. */
export const { boundary, roles } = prepareAccount(new pulumi.Config('lazuli-account').getObject('account'));
