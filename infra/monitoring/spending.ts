import { Budget } from '@pulumi/aws/budgets/index.js';
import type * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from '../component.ts';

/** Notifies the owner when a month costs more than planned, or will. */
export class Spending extends Concern {
  constructor(setting: Setting, options: pulumi.ComponentResourceOptions) {
    super('Spending', setting, options);
    const { names, stack } = setting;
    const name = names.of('other', 'budget');
    const tell = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
      notificationType,
      threshold,
      thresholdType: 'PERCENTAGE',
      comparisonOperator: 'GREATER_THAN',
      subscriberEmailAddresses: [stack.owner],
    });
    new Budget(
      name,
      {
        name,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        limitAmount: `${stack.budgetDollars}`,
        limitUnit: 'USD',
        costFilters: [{ name: 'TagKeyValue', values: [`user:deployment$${names.stack}`] }],
        notifications: [tell('ACTUAL', 80), tell('FORECASTED', 100)],
      },
      this.mine,
    );
    this.registerOutputs({});
  }
}
