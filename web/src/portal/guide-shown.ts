// What a guide shows beside its words, as `GET /matters/{matter}` tells it.

export interface GuideStep {
  readonly icon: string;
  readonly title: string;
  readonly text: string;
  readonly picture_url?: string | null;
  readonly small_url?: string | null;
  readonly alt?: string;
}

export interface GuideFilm {
  readonly title: string;
  readonly url: string;
  readonly transcript: string;
  /** Whether the page itself plays it. */
  readonly is_here?: boolean;
}
