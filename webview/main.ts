// Entry of the panel's page.
export {};
