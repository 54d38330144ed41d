import { type Settings, settingsSchema } from '../../core/config/settings.ts';

/** The limits of settings that name none. */
export const defaultLimits: Settings['limits'] = settingsSchema.shape.limits.parse(undefined);
