// @ts-check
/** The look of what stands around every page of the panel: bar, tabs, and what was said last. */

import { css } from "./lit.js";

export const frameStyles = css`
  :host {
    background: var(--primary-background-color);
  }
  header {
    position: sticky;
    z-index: 2;
    top: 0;
    border-bottom: 1px solid var(--divider-color);
    background: var(--sidebar-background-color, var(--card-background-color));
    color: var(--sidebar-text-color, var(--primary-text-color));
  }
  .bar {
    display: flex;
    gap: 8px;
    align-items: center;
    height: var(--header-height, 56px);
    padding: 0 16px;
  }
  h1 {
    margin: 0;
    font-size: 20px;
    font-weight: 400;
  }
  .menu {
    width: 40px;
    height: 40px;
    margin-inline-start: -8px;
    padding: 8px;
    border: 0;
    border-radius: 50%;
    background: none;
    color: inherit;
    cursor: pointer;
  }
  nav {
    display: flex;
    gap: 4px;
    padding: 0 8px;
    overflow-x: auto;
    scrollbar-width: none;
  }
  .tab {
    display: flex;
    gap: 8px;
    align-items: center;
    min-height: 44px;
    padding: 0 12px;
    border-bottom: 3px solid transparent;
    color: inherit;
    font-weight: 500;
    text-decoration: none;
    white-space: nowrap;
    --mdc-icon-size: 20px;
  }
  .tab:hover {
    background: var(--inkling-ground-ahead);
  }
  .tab[aria-current] {
    border-bottom-color: var(--primary-color);
  }
  .tab:focus-visible {
    outline-offset: -4px;
  }
  .page {
    max-width: 1240px;
    margin: 0 auto;
    padding: 20px 16px 72px;
    outline: none;
  }
  .sheet {
    container: panel / inline-size;
  }
  .intro {
    max-width: 800px;
    margin: 0 4px 16px;
  }
  .said:not(.hidden) {
    position: fixed;
    z-index: 3;
    bottom: 16px;
    left: 50%;
    max-width: min(560px, calc(100% - 32px));
    padding: 12px 20px;
    border-radius: 12px;
    background: var(--primary-text-color);
    box-shadow: 0 4px 16px rgb(0 0 0 / 30%);
    color: var(--card-background-color, #fff);
    transform: translateX(-50%);
  }
  .ask {
    max-width: min(480px, calc(100% - 32px));
    padding: 24px;
    border: 0;
    border-radius: 20px;
    background: var(--card-background-color, #fff);
    color: var(--primary-text-color);
  }
  .ask::backdrop {
    background: rgb(0 0 0 / 45%);
  }
  .ask p {
    margin: 8px 0 20px;
  }
  .ask .row {
    display: flex;
    gap: 8px;
    justify-content: flex-end;
  }
  :host([narrow]) .page {
    padding: 12px 8px 72px;
  }
  :host([narrow]) nav {
    padding: 0;
  }
  :host([narrow]) .tab {
    flex: 1 0 auto;
    flex-direction: column;
    gap: 0;
    justify-content: center;
    min-height: 56px;
    padding: 0 8px;
    font-size: 12px;
    line-height: 16px;
  }
`;
