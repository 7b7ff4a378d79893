import { json, personal, resource, stream, text } from './declare.ts';

const settings = { domain: 'Settings', shape: 'single', scope: 'settings.read', key: ['id'] } as const;

export const settingsEmail = stream({
  ...settings,
  name: 'settings_email',
  description: 'E-mail settings, once a run.',
  path: '/settings/email',
  columns: { ...resource, verified_senders: personal('quote', json('Senders that are verified.')) },
});

export const settingsIntegrations = stream({
  ...settings,
  name: 'settings_integrations',
  description: 'Integrations of the workspace, once a run.',
  path: '/settings/integrations',
  columns: { ...resource, integrations: personal('quote', json('Integrations, as the API gives them.')) },
});

export const settingsLeadQualification = stream({
  ...settings,
  name: 'settings_lead_qualification',
  description: 'How leads are qualified, once a run.',
  path: '/settings/lead-qualification',
  columns: {
    ...resource,
    mode_preset: text('Preset in use.'),
    enabled_signals: json('Signals that are switched on.'),
  },
});

export const settingsProfile = stream({
  ...settings,
  name: 'settings_profile',
  description: 'Profile of the member who made the key, once a run.',
  path: '/settings/profile',
  columns: {
    ...resource,
    name: personal('name', text('Name of the member.')),
    email: personal('email', text('E-mail address of the member.')),
  },
});

export const settingsSms = stream({
  ...settings,
  name: 'settings_sms',
  description: 'SMS settings, once a run.',
  path: '/settings/sms',
  columns: { ...resource, status: text('Status of SMS.') },
});

export const settingsVoice = stream({
  ...settings,
  name: 'settings_voice',
  description: 'Voice settings, once a run.',
  path: '/settings/voice',
  columns: { ...resource, status: text('Status of voice.') },
});
