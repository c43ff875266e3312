// @ts-check
/** The card's look: Home Assistant's own colours and sizes, from its theme. */

import { css } from "./lit.js";

export const cardStyles = css`
  :host {
    display: block;
    --inkling-color: var(--inkling-card-color, var(--primary-color, #009ac7));
    /* White text lies on it, whatever the theme's main colour is. */
    --inkling-color-strong: color-mix(in srgb, var(--inkling-color) 65%, #000);
    --inkling-ground: color-mix(in srgb, var(--primary-text-color) 7%, transparent);
    --inkling-ground-ahead: color-mix(in srgb, var(--primary-text-color) 3%, transparent);
    --inkling-door-color: color-mix(in srgb, var(--orange-color, #ff9800) 70%, var(--primary-text-color));
    --inkling-gutter: 88px;
  }
  ha-card {
    height: 100%;
    box-sizing: border-box;
    container-type: inline-size;
    overflow: hidden;
  }
  .content {
    display: flex;
    flex-direction: column;
    gap: 12px;
    padding: 12px 16px 16px;
  }
  .head {
    display: flex;
    align-items: center;
    gap: 12px;
    margin: -4px -8px;
    padding: 4px 8px;
    border: 0;
    border-radius: 12px;
    background: none;
    color: var(--primary-text-color);
    font: inherit;
    text-align: start;
    cursor: pointer;
  }
  .badge {
    flex: none;
    display: grid;
    place-items: center;
    width: 40px;
    height: 40px;
    border-radius: 50%;
    background: var(--inkling-ground);
    color: var(--secondary-text-color);
  }
  .badge.on {
    background: color-mix(in srgb, var(--inkling-color) 22%, transparent);
    color: var(--inkling-color);
  }
  .titles {
    flex: 1;
    min-width: 0;
  }
  .title,
  .state {
    display: block;
  }
  .title {
    overflow: hidden;
    font-size: 16px;
    font-weight: 500;
    line-height: 22px;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .state {
    color: var(--secondary-text-color);
    font-size: 13px;
    line-height: 18px;
  }
  .state b {
    color: var(--primary-text-color);
    font-weight: 500;
  }
  .percent {
    flex: none;
    font-size: 28px;
    font-variant-numeric: tabular-nums;
    line-height: 36px;
  }
  .reason {
    display: flex;
    gap: 8px;
    margin: 0;
    font-size: 14px;
    line-height: 20px;
  }
  .note,
  .said {
    display: flex;
    gap: 8px;
    margin: 0;
    color: var(--secondary-text-color);
    font-size: 13px;
    line-height: 18px;
  }
  .reason ha-icon,
  .note ha-icon,
  .said ha-icon {
    flex: none;
    width: 20px;
    color: var(--secondary-text-color);
    --mdc-icon-size: 20px;
  }
  .said:empty {
    display: none;
  }
  .buttons {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 8px;
  }
  .buttons button {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 44px;
    padding: 4px 12px;
    border: 0;
    border-radius: 12px;
    background: color-mix(in srgb, var(--inkling-color) 14%, transparent);
    color: var(--primary-text-color);
    font: inherit;
    font-size: 14px;
    font-weight: 500;
    line-height: 18px;
    cursor: pointer;
    --mdc-icon-size: 20px;
  }
  .buttons button:hover {
    background: color-mix(in srgb, var(--inkling-color) 24%, transparent);
  }
  .buttons button:disabled {
    opacity: 0.6;
    cursor: default;
  }
  .head:focus-visible,
  button:focus-visible {
    outline: 2px solid var(--inkling-color);
    outline-offset: 1px;
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: no-preference) {
    .buttons button {
      transition: background 0.15s;
    }
  }
  @container (max-width: 440px) {
    .chart {
      --inkling-gutter: 0px;
    }
    .chart .captions {
      gap: 3px;
      font-size: 11px;
      letter-spacing: -0.03em;
    }
    .chart .now-pill {
      padding: 1px 5px;
    }
    .chart .scale,
    .axis .minor {
      display: none;
    }
    .chart .strip > * {
      grid-column: 2;
    }
    .strip .name {
      margin-bottom: -4px;
    }
  }
`;
