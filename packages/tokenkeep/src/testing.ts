export * from "@tokenkeep/deeply/testing"
