// @ts-check
/** The look of the chart: captions, scale, axis, the mark for now and the cursor. */

import { css } from "./lit.js";

export const chartStyles = css`
  .chart {
    position: relative;
    display: grid;
    grid-template-columns: var(--inkling-gutter) minmax(0, 1fr);
    gap: 6px 0;
    font-variant-numeric: tabular-nums;
  }
  .chart > :is(.captions, .ribbon, .axis) {
    grid-column: 2;
  }
  .captions {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto minmax(0, 1fr);
    gap: 4px;
    align-items: center;
    height: 20px;
    color: var(--secondary-text-color);
    font-size: 12px;
    white-space: nowrap;
  }
  .looking .captions {
    visibility: hidden;
  }
  .captions > * {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .captions :last-child {
    text-align: end;
  }
  .now-pill {
    padding: 1px 8px;
    border-radius: 10px;
    background: var(--primary-text-color);
    color: var(--card-background-color, #fff);
    font-weight: 500;
  }
  .scale {
    display: flex;
    flex-direction: column;
    justify-content: space-between;
    padding-inline-end: 8px;
    color: var(--secondary-text-color);
    font-size: 11px;
    line-height: 12px;
    text-align: end;
  }
  .axis {
    position: relative;
    height: 16px;
    color: var(--secondary-text-color);
    font-size: 12px;
    line-height: 16px;
  }
  .axis span {
    position: absolute;
    transform: translateX(-50%);
    white-space: nowrap;
  }
  .axis .day {
    color: var(--primary-text-color);
    font-weight: 500;
  }
  .over {
    position: absolute;
    inset: 0 0 22px var(--inkling-gutter);
  }
  .now-line,
  .cursor {
    position: absolute;
    top: 20px;
    bottom: 0;
    width: 2px;
    margin-left: -1px;
    background: var(--primary-text-color);
    pointer-events: none;
  }
  .cursor {
    width: 1px;
    background: var(--inkling-color);
  }
  .bubble {
    position: absolute;
    top: 0;
    height: 20px;
    padding: 0 8px;
    border-radius: 10px;
    background: var(--inkling-color-strong);
    color: #fff;
    font-size: 12px;
    font-weight: 500;
    line-height: 20px;
    white-space: nowrap;
    pointer-events: none;
  }
  input[type="range"] {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    margin: 0;
    appearance: none;
    -webkit-appearance: none;
    opacity: 0;
    cursor: crosshair;
    touch-action: pan-y;
  }
  .over:has(:focus-visible) {
    outline: 2px solid var(--inkling-color);
    outline-offset: 4px;
    border-radius: 8px;
  }
`;
