/** What the server says (survey/intake/sync_words.py) and what the device keeps. */

export interface Standing {
  id: string;
  kind: string;
  holder: string;
  name: string;
  point: string;
  receiving_unit: string;
  questionnaire: string | null;
  is_revoked: boolean;
}

export type Texts = Record<string, string>;

export interface PointPaper {
  server_time: number;
  point: string;
  names: Texts;
  unit: string;
  unit_names: Texts;
  in_force: boolean;
  successor: string | null;
  fields: { code: string; names: Texts }[];
  languages: string[];
  best_first: boolean;
  dossier_pattern: string;
  dossier_example: string;
  questionnaire: string | null;
  /** Seven lists, Monday first, of spans "HH:MM"; null: always open. */
  hours?: [string, string][][] | null;
  time_zone?: string;
  report?: { phone: string; texts: Texts } | null;
  public_url?: string;
}

export interface Option {
  value: number;
  label: string;
  face?: string;
  outside?: boolean;
  group?: string;
  alert?: boolean;
}

export interface Question {
  id: string;
  text: string;
  scale: { id: string; options: Option[]; satisfied_set?: number[] };
  choose?: "one" | "many";
  required?: boolean;
  role?: "rating" | "reason" | "about";
}

export interface Questionnaire {
  id: string;
  language: string;
  title: string;
  questions: Question[];
  comment?: string;
  dossier?: string;
}

export interface QuestionnairePaper {
  sha256: string;
  id: string;
  texts: Record<string, Questionnaire>;
}

/** Where the device stands and what it asks there: taken over as a whole, so that it all fits. */
export interface Place {
  standing: Standing;
  point: PointPaper | null;
  questionnaire: QuestionnairePaper | null;
}

export type Answers = Record<string, number[]>;

/** A rating that somebody is giving; `tab` holds a Web Lock of that name while it lives. */
export interface DraftRow {
  id: string;
  counter: number;
  tab: string;
  device: string;
  questionnaire: string;
  receiving_unit: string;
  point: string;
  kind: string;
  holder: string;
  field: string;
  language: string;
  answered_at: number;
  answers: Answers;
  comment: string;
  dossierCode: string;
}

export interface Body {
  version: 1;
  id: string;
  questionnaire: string;
  receiving_unit: string;
  resolving_unit: string;
  field: string;
  point: string;
  source: string;
  channel: string;
  holder: string;
  assurance: string;
  occasion: string;
  language: string;
  answered_at: number;
  service_on: string;
  dossier: string;
  answers: Answers;
  comment: string;
}

export interface Item {
  counter: number;
  signature: string;
  body?: Body;
  undone?: string;
  comment?: string;
  comment_salt?: string;
  dossier?: string;
  dossier_code?: string;
  dossier_salt?: string;
}

/** `at` is the server's time of the acknowledgement, in milliseconds. */
export interface SentRow {
  counter: number;
  at: number;
  item: Item;
}

export interface QuarantineRow {
  counter: number;
  at: number;
  code: string;
  detail: string;
  item: Item;
}

export interface Outcome {
  counter: number | null;
  id: string | null;
  status: "accepted" | "already" | "set_aside" | "rejected";
  code: string;
  detail: string;
}

export interface Reply {
  protocol: number;
  server_time: number;
  clock_offset: number;
  device: Standing;
  counters: { through: number; highest: number; missing: Gap[] };
  outcomes: Outcome[];
}

/** First and last counter of a gap. */
export type Gap = [number, number];

/** Since when (device time, milliseconds) nothing could be handed in; told with the next batch. */
export interface Outage {
  since: number;
  times: number;
  /** The server's last word, "offline" where none came. */
  code: string;
}

export type StorageState = "persisted" | "best_effort" | "tight" | "unknown";

/** What the last contact told; kept, so that it is there after a restart. */
export interface Contact {
  at: number;
  clockOffset: number;
  through: number;
  highest: number;
  missing?: Gap[];
}

export interface Settings {
  /** Large text; never kept: it belongs to the person. */
  large: boolean;
  /** High contrast; never kept. */
  contrast: boolean;
  /** Whether free text is offered; kept: it belongs to the device. */
  has_keyboard: boolean;
}

export interface Status {
  queue: number;
  quarantine: { counter: number; code: string }[];
  sent: number;
  drafts: number;
  /** Device time of the last answer of the server, milliseconds; null: never. */
  lastContact: number | null;
  /** Server time less device time, milliseconds; null: not known. */
  clockOffset: number | null;
  storage: StorageState;
  persisted: boolean;
  isOffline: boolean;
  version: string;
  shellCached: boolean;
  nextCounter: number;
  /** Counters that the server misses and this device does not hold. */
  missing: Gap[];
  outage: Outage | null;
  /** Codes of what is odd, for staff; empty where all is well. */
  troubles: Trouble[];
}

export type Trouble =
  | "revoked"
  | "device_unknown"
  | "counter_twice"
  | "counter_missing"
  | "clock_off"
  | "quarantine"
  | "storage_tight"
  | "papers_missing"
  | "refused";

/** What main.js gives to the screens. */
export interface App {
  /** null where the page may not do its work: `problem` says why. */
  device: import("./device.js").Device | null;
  problem: import("./problem.js").DeviceProblem | null;
  /** language → Vietnamese text → text */
  words: Record<string, Texts>;
  /** The city's languages, the first one first. */
  languages: string[];
  version: string;
  isSample: boolean;
  /** Say that nobody is using the device: the moment for taking a new version of the shell. */
  rest(): void;
  /** Say that somebody is using it. */
  wake(): void;
}
