/** Words from which rows are made. All companies are invented. */

export const companyRoots = [
  'Analytical',
  'Northwind',
  'Cobalt',
  'Harbour',
  'Meridian',
  'Juniper',
  'Quarry',
  'Lumen',
  'Ostrava',
  'Café Río',
  'Tidewater',
  'Basalt',
  'Fjord',
  'Orchard',
  'Nimbus',
  'Zürich',
  'Copperleaf',
  'Saffron',
  'Polaris',
  'Ember',
  'Kestrel',
  'Mistral',
  'Granite',
  'Ember & Ash',
];

export const companyKinds = [
  'Engines Inc.',
  'Logistics GmbH',
  'Software',
  'Foods, S.A.',
  'Labs',
  'Robotics Ltd',
  'Partners',
  'Energy AS',
  'Health',
  'Freight "Express"',
  'Textiles',
  'Cloud',
  'Materials',
  'Studios 🎬',
  'Capital',
  'Networks',
];

export const titles = [
  'CEO',
  'VP Sales',
  'Head of Growth',
  'Directora de Compras',
  'CTO',
  'Operations Manager',
  'Geschäftsführer',
  'Chief of Staff',
  'Founder 🚀',
  'Account Executive',
  'Procurement Lead',
  'RevOps Analyst',
  'Responsable Achats',
  'IT Manager',
];

export const places = [
  'Austin, TX',
  'São Paulo, Brazil',
  'Zürich, Schweiz',
  'Kraków, Polska',
  'Lagos, Nigeria',
  'Oslo, Norge',
  'Bengaluru, India',
  '東京, 日本',
  'Dublin, Ireland',
  'Montréal, QC',
  'Cape Town, South Africa',
  'Málaga, España',
  'Αθήνα, Ελλάδα',
  'Denver, CO',
];

export const tags = [
  'saas',
  'inbound',
  'webinar-2026',
  'priority',
  'emea',
  'latam',
  'référence',
  'cold',
  'partner',
  'trial',
  'über-fit',
  '⭐ key',
];

export const activityTypes = ['email_sent', 'email_opened', 'note', 'call', 'meeting', 'status_change', 'link_clicked'];

export const activitySummaries = [
  'Opened the introduction',
  'Called back, asked for prices',
  'Met at the fair in Málaga',
  'Moved to “qualified”',
  'Clicked the link to the case study',
  'Left a voicemail',
  'Asked to be contacted next quarter 📅',
  'Note: décideur identifié',
];

export const subjects = [
  'Introduction',
  'Re: Your quote',
  'Next steps',
  'Termin nächste Woche?',
  'Following up',
  'Invitation: demo',
  '¿Hablamos?',
  'Contract, second draft',
];

export const bodies = [
  'Hello,\n\nthank you for the call. The offer is attached.\n\nBest',
  'We would like to see a demo next week. Does Tuesday work?',
  'Merci pour votre réponse, nous revenons vers vous.',
  'Not now, please write again in three months.',
  'Sounds good 👍 — send it over.',
  'The "enterprise" plan, please; how is it billed?',
  'Können Sie uns ein Angebot für 25 Plätze schicken?',
  'Please remove me from this list.',
];
