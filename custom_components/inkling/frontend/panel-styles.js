// @ts-check
/** The panel's look: Home Assistant's own colours and sizes, from its theme. */

import { css } from "./lit.js";

export const panelStyles = css`
  :host {
    display: block;
    min-height: 100%;
    --inkling-color: var(--primary-color, #009ac7);
    --inkling-ground: color-mix(in srgb, var(--primary-text-color) 7%, transparent);
    --inkling-ground-ahead: color-mix(in srgb, var(--primary-text-color) 3%, transparent);
    --inkling-quiet: color-mix(in srgb, var(--primary-text-color) 78%, var(--card-background-color, #fff));
    --inkling-bad: color-mix(in srgb, var(--error-color, #db4437) 80%, var(--primary-text-color));
    --inkling-warn: color-mix(in srgb, var(--warning-color, #ffa600) 62%, var(--primary-text-color));
    --inkling-good: color-mix(in srgb, var(--success-color, #43a047) 72%, var(--primary-text-color));
    color: var(--primary-text-color);
    font-size: 14px;
    line-height: 20px;
  }
  * {
    box-sizing: border-box;
  }
  section {
    margin: 0 0 24px;
  }
  h2 {
    display: flex;
    align-items: baseline;
    gap: 12px;
    margin: 0 4px 8px;
    font-size: 18px;
    font-weight: 500;
    line-height: 26px;
  }
  h2 small {
    color: var(--inkling-quiet);
    font-size: 14px;
    font-weight: 400;
  }
  h3 {
    margin: 0;
    font-size: 16px;
    font-weight: 500;
    line-height: 22px;
  }
  p {
    margin: 0;
  }
  a {
    color: var(--inkling-link, color-mix(in srgb, var(--primary-color) 70%, var(--primary-text-color)));
  }
  ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .card {
    overflow: hidden;
    border: 1px solid var(--ha-card-border-color, var(--divider-color));
    border-radius: var(--ha-card-border-radius, 12px);
    background: var(--ha-card-background, var(--card-background-color, #fff));
  }
  .padded {
    padding: 16px;
  }
  .quiet {
    color: var(--inkling-quiet);
  }
  .note {
    display: flex;
    gap: 12px;
    align-items: flex-start;
    padding: 16px;
  }
  .note ha-icon {
    flex: none;
    color: var(--inkling-quiet);
  }
  .note.bad ha-icon {
    color: var(--inkling-bad);
  }
  .note.warn ha-icon {
    color: var(--inkling-warn);
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    padding: 1px 10px;
    border-radius: 999px;
    background: var(--inkling-ground);
    font-size: 12px;
    font-weight: 500;
    line-height: 20px;
    white-space: nowrap;
    --mdc-icon-size: 14px;
  }
  .chip.good {
    background: color-mix(in srgb, var(--success-color, #43a047) 20%, transparent);
  }
  .chip.warn {
    background: color-mix(in srgb, var(--warning-color, #ffa600) 26%, transparent);
  }
  .chip.bad {
    background: color-mix(in srgb, var(--error-color, #db4437) 22%, transparent);
  }
  button.plain,
  a.plain {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 40px;
    padding: 0 16px;
    border: 0;
    border-radius: 999px;
    background: color-mix(in srgb, var(--primary-color) 14%, transparent);
    color: var(--primary-text-color);
    font: inherit;
    font-weight: 500;
    text-decoration: none;
    cursor: pointer;
    --mdc-icon-size: 20px;
  }
  button.plain:hover,
  a.plain:hover {
    background: color-mix(in srgb, var(--primary-color) 24%, transparent);
  }
  button.main {
    min-height: 44px;
    padding: 0 20px;
    background: color-mix(in srgb, var(--primary-color) 65%, #000);
    color: #fff;
  }
  button.main:hover {
    background: color-mix(in srgb, var(--primary-color) 55%, #000);
  }
  button:disabled {
    opacity: 0.6;
    cursor: progress;
  }
  button:focus-visible,
  a:focus-visible,
  select:focus-visible,
  input:focus-visible,
  summary:focus-visible,
  .scroll:focus-visible {
    outline: 2px solid var(--primary-color);
    outline-offset: 2px;
  }
  .fields {
    display: flex;
    flex-wrap: wrap;
    gap: 16px;
    align-items: flex-end;
  }
  label.field,
  .field {
    display: flex;
    flex: 1 1 160px;
    flex-direction: column;
    gap: 4px;
    max-width: 320px;
    color: var(--inkling-quiet);
    font-size: 12px;
    line-height: 16px;
  }
  select,
  input[type="date"] {
    width: 100%;
    min-height: 44px;
    padding: 0 12px;
    border: 1px solid color-mix(in srgb, var(--primary-text-color) 45%, transparent);
    border-radius: 8px;
    background: var(--card-background-color, #fff);
    color: var(--primary-text-color);
    color-scheme: inherit;
    font: inherit;
    font-size: 14px;
  }
  .scroll {
    overflow-x: auto;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 10px 12px;
    border-bottom: 1px solid var(--divider-color);
    text-align: start;
    vertical-align: top;
  }
  tr:last-child > :is(th, td) {
    border-bottom: 0;
  }
  thead th {
    color: var(--inkling-quiet);
    font-size: 12px;
    font-weight: 500;
    line-height: 16px;
  }
  tbody th {
    font-weight: 500;
  }
  td.number,
  th.number {
    text-align: end;
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .busy {
    display: inline-block;
    width: 20px;
    height: 20px;
    border: 3px solid var(--inkling-ground);
    border-top-color: var(--primary-color);
    border-radius: 50%;
  }
  @media (prefers-reduced-motion: no-preference) {
    .busy {
      animation: turn 1s linear infinite;
    }
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
`;
